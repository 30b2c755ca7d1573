"""col2im with a stride: the gradient of every window is added where the window lies.

With a stride, a convolution's gradient is no convolution that :mod:`~convviz.core.fast.convolve` knows. So its columns
are made by a product, as everywhere, and added here tap by tap: one row of windows is one row of the image, or every
second cell of one. The order of the sums is that of NumPy's kernel, so the bits are the same.
"""

from __future__ import annotations

from convviz.core.fast.jit import compiled
from convviz.core.fast.runs import add_rows_of

add_1, add_2 = add_rows_of(1), add_rows_of(2)


@compiled
def col2im(columns, kernel, stride, dilation, out):
    """Adjoint of im2col, for a horizontal stride of 1 or 2.

    columns     (N, C, KH, KW, OH, OW)
    out         (N, C, H, W)
    """
    height, width = out.shape[2:]
    oh, ow = columns.shape[4:]
    source, to = columns.reshape(-1), out.reshape(-1)
    at, down, zero = 0, stride[0] * width, out.dtype.type(0)
    for m in range(out.shape[0] * out.shape[1]):
        image = m * height * width
        to[image : image + height * width] = zero
        for i in range(kernel[0]):
            for j in range(kernel[1]):
                first = image + i * dilation[0] * width + j * dilation[1]
                if stride[1] == 1:
                    add_1(to, first, down, source, at, ow, oh)
                else:
                    add_2(to, first, down, source, at, ow, oh)
                at += oh * ow
