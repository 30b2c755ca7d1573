"""The data sets that convviz can fetch, with their addresses and checksums.

The checksums are those that the authors publish or that torchvision verifies.
"""

from __future__ import annotations

from dataclasses import dataclass

from convviz.data.errors import DataError

__all__ = ["KNOWN", "KnownFile", "KnownSet", "known_set"]

DIGITS = tuple("0123456789")


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file to fetch.

    Parameters
    ----------
    name : str
    md5 : str
        MD5 of the file as it is fetched, in hexadecimal.
    urls : tuple of str
        Its original address and mirrors, tried in this order.
    """

    name: str
    md5: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownSet:
    """A known data set.

    Parameters
    ----------
    key : str
        Its name on the command line: ``fashion-mnist``.
    title : str
    image : tuple of int
        (C, H, W).
    train, test : int
        Numbers of images.
    megabytes : float
        Size of the files to fetch.
    files : tuple of KnownFile
    class_names : tuple of str
    page : str
        Address of a page with its description and licence.
    members : str
        Pattern of the names of the files to unpack, if it is fetched as an archive.
    shared : str
        Folder of the archive, if several sets share it.
    needs : str
        ``LIBRARY: COMMAND``, a library that is needed to read it and the command that installs it; empty if none.
    """

    key: str
    title: str
    image: tuple[int, int, int]
    train: int
    test: int
    megabytes: float
    files: tuple[KnownFile, ...]
    class_names: tuple[str, ...]
    page: str
    members: str = ""
    shared: str = ""
    needs: str = ""

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)


def _idx(bases: tuple[str, ...], *sums: str) -> tuple[KnownFile, ...]:
    """The four files of a set that is distributed as MNIST is."""
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    return tuple(
        KnownFile(f"{name}-ubyte.gz", md5, tuple(f"{base}/{name}-ubyte.gz" for base in bases))
        for name, md5 in zip(names, sums, strict=True)
    )


def _emnist(split: str, title: str, train: int, test: int, names: tuple[str, ...]) -> KnownSet:
    urls = (
        "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip",
    )
    archive = KnownFile("gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e", urls)
    page = "https://www.nist.gov/itl/products-and-services/emnist-dataset"
    members = f"*emnist-{split}-*-ubyte.gz"
    return KnownSet(f"emnist-{split}", title, (1, 28, 28), train, test, 562, (archive,), names, page, members, "emnist")


def _cifar(count: int, md5: str, names: tuple[str, ...]) -> KnownSet:
    archive = f"cifar-{count}-binary.tar.gz"
    file = KnownFile(archive, md5, (f"https://www.cs.toronto.edu/~kriz/{archive}",))
    page = "https://www.cs.toronto.edu/~kriz/cifar.html"
    title = f"CIFAR-{count}"
    return KnownSet(title.lower(), title, (3, 32, 32), 50_000, 10_000, 170, (file,), names, page, "*.[bt][ix][nt]")


QMNIST_HOME = "https://raw.githubusercontent.com/facebookresearch/qmnist/master"
USPS_HOME = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass"
SVHN_HOME = "http://ufldl.stanford.edu/housenumbers"
# Letters whose capitals look alike are one class.
BALANCED = (*DIGITS, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *"abdefghnqrt")
OBJECTS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CLOTHES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")

KNOWN: tuple[KnownSet, ...] = (
    KnownSet(
        "mnist",
        "MNIST",
        (1, 28, 28),
        60_000,
        10_000,
        11.6,
        _idx(
            ("https://ossci-datasets.s3.amazonaws.com/mnist", "http://yann.lecun.com/exdb/mnist"),
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        DIGITS,
        "http://yann.lecun.com/exdb/mnist/",
    ),
    KnownSet(
        "fashion-mnist",
        "Fashion-MNIST",
        (1, 28, 28),
        60_000,
        10_000,
        30.9,
        _idx(
            (
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
            ),
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        CLOTHES,
        "https://github.com/zalandoresearch/fashion-mnist",
    ),
    KnownSet(
        "kmnist",
        "KMNIST",
        (1, 28, 28),
        60_000,
        10_000,
        21.3,
        _idx(
            ("http://codh.rois.ac.jp/kmnist/dataset/kmnist",),
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        "https://github.com/rois-codh/kmnist",
    ),
    _emnist("digits", "EMNIST digits", 240_000, 40_000, DIGITS),
    _emnist("letters", "EMNIST letters", 124_800, 20_800, tuple("abcdefghijklmnopqrstuvwxyz")),
    _emnist("balanced", "EMNIST balanced", 112_800, 18_800, BALANCED),
    KnownSet(
        "qmnist",
        "QMNIST",
        (1, 28, 28),
        60_000,
        60_000,
        20.5,
        tuple(
            KnownFile(name, md5, (f"{QMNIST_HOME}/{name}",))
            for name, md5 in (
                ("qmnist-train-images-idx3-ubyte.gz", "ed72d4157d28c017586c42bc6afe6370"),
                ("qmnist-train-labels-idx2-int.gz", "0058f8dd561b90ffdd0f734c6a30e5e4"),
                ("qmnist-test-images-idx3-ubyte.gz", "1394631089c404de565df7b7aeaf9412"),
                ("qmnist-test-labels-idx2-int.gz", "5b5b05890a5e13444e108efe57b788aa"),
            )
        ),
        DIGITS,
        "https://github.com/facebookresearch/qmnist",
    ),
    KnownSet(
        "usps",
        "USPS",
        (1, 16, 16),
        7_291,
        2_007,
        8.3,
        (
            KnownFile("usps.bz2", "ec16c51db3855ca6c91edd34d0e9b197", (f"{USPS_HOME}/usps.bz2",)),
            KnownFile("usps.t.bz2", "8ea070ee2aca1ac39742fdd1ef5ed118", (f"{USPS_HOME}/usps.t.bz2",)),
        ),
        DIGITS,
        f"{USPS_HOME.rsplit('/', 1)[0]}/multiclass.html#usps",
    ),
    KnownSet(
        "svhn",
        "SVHN, cropped digits",
        (3, 32, 32),
        73_257,
        26_032,
        246,
        (
            KnownFile("train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373", (f"{SVHN_HOME}/train_32x32.mat",)),
            KnownFile("test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3", (f"{SVHN_HOME}/test_32x32.mat",)),
        ),
        DIGITS,
        f"{SVHN_HOME}/",
        needs="scipy: pip install 'convviz[mat]'",
    ),
    _cifar(10, "c32a1d4ab5d03f1284b67883e8d87530", OBJECTS),
    # The class names come with the files.
    _cifar(100, "03b5dce01913d631647c71ecec9e9cb8", tuple(map(str, range(100)))),
)


def known_set(key: str) -> KnownSet:
    """A known set by its key.

    Raises
    ------
    DataError
        There is none; the message lists them.
    """
    for known in KNOWN:
        if known.key == key.lower():
            return known
    raise DataError(f"data set: expected one of {', '.join(one.key for one in KNOWN)}, got {key!r}")
