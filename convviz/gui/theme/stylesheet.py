"""The one stylesheet of the application, built from the tokens of a palette."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from string import Template

from convviz.gui.theme.fonts import Fonts
from convviz.gui.theme.palette import Palette

_ICONS = Path(__file__).resolve().parent / "icons"

# The property "kind" of a QPushButton selects its look: primary, secondary (default), quiet, danger.
_SHEET = Template(
    """
QToolTip {
    color: $ink; background: $panel; border: 1px solid $line; padding: 5px 7px; font-size: ${small}px;
}
QMainWindow, QDialog { background: $background; }

QFrame#liveSettings { background: $panel; border: 1px solid $line; }

QPushButton {
    color: $ink; background: $panel; border: 1px solid $line; border-radius: 6px;
    padding: 0 11px; min-height: 26px; font-size: ${text}px; outline: none;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $pressed; }
QPushButton:focus { border: 1px solid $focus; }
QPushButton:disabled { color: $faint; background: transparent; }
QPushButton::menu-indicator {
    image: url("$down"); width: 10px; subcontrol-position: right center; subcontrol-origin: padding; right: 7px;
}
QPushButton[small="true"]::menu-indicator { right: 1px; }
QPushButton[kind="primary"] {
    color: $on_primary; background: $primary; border-color: $primary; font-weight: 600;
}
QPushButton[kind="primary"]:hover { background: $primary_hover; border-color: $primary_hover; }
QPushButton[kind="primary"]:pressed { background: $primary_hover; border-color: $primary_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $focus; padding: 0 10px; min-height: 24px; }
QPushButton[kind="primary"]:disabled { color: $faint; background: $pressed; border-color: $pressed; }
QPushButton[kind="danger"] { color: $danger; }
QPushButton[kind="danger"]:hover { background: $danger_wash; border-color: $danger; }
QPushButton[kind="danger"]:disabled { color: $faint; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: $muted; padding: 0 7px; }
QPushButton[kind="quiet"]:hover { background: $hover; color: $ink; }
QPushButton[kind="quiet"]:pressed, QPushButton[kind="quiet"]:checked { background: $pressed; color: $ink; }
QPushButton[kind="quiet"]:focus { border: 1px solid $focus; }
QPushButton[kind="quiet"]:disabled { color: $faint; }
QPushButton[small="true"] { min-height: 20px; padding: 0 7px; font-size: ${small}px; }

QToolButton { color: $ink; background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border-color: $focus; }
QToolButton:disabled { color: $faint; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QComboBox {
    color: $ink; background: $field; border: 1px solid $line; border-radius: 5px;
    selection-background-color: $accent; selection-color: $on_primary;
}
QLineEdit, QSpinBox, QComboBox { padding: 0 8px; min-height: 24px; }
QLineEdit:hover, QSpinBox:hover, QComboBox:hover { border-color: $faint; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QComboBox:focus {
    border-color: $focus;
}
QLineEdit[invalid="true"], QLineEdit[invalid="true"]:focus {
    border-color: $danger; color: $danger; background: $danger_wash;
}
QLineEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QComboBox:disabled {
    color: $faint; background: transparent;
}
QLineEdit[mono="true"], QSpinBox, QPlainTextEdit[mono="true"] {
    font-family: "$mono"; font-size: ${number}px;
}
QComboBox { padding-right: 20px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url("$down"); width: 10px; height: 10px; }
QComboBox::down-arrow:disabled { image: none; }
QComboBox QAbstractItemView {
    color: $ink; background: $panel; border: 1px solid $line; border-radius: 6px; padding: 4px; outline: none;
    selection-background-color: $accent_wash; selection-color: $ink;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected, QComboBox QAbstractItemView::item:hover {
    background: $accent_wash; color: $ink;
}
QSpinBox::up-button {
    border: none; width: 16px; background: transparent; subcontrol-origin: border; subcontrol-position: top right;
}
QSpinBox::down-button {
    border: none; width: 16px; background: transparent; subcontrol-origin: border; subcontrol-position: bottom right;
}
QSpinBox::up-arrow { image: url("$up"); width: 8px; height: 8px; }
QSpinBox::down-arrow { image: url("$down"); width: 8px; height: 8px; }

QCheckBox { spacing: 8px; color: $ink; background: transparent; }
QCheckBox:disabled { color: $faint; }
QCheckBox::indicator, QAbstractItemView::indicator {
    width: 14px; height: 14px; border: 1px solid $faint; background: $field;
}
QCheckBox::indicator, QAbstractItemView::indicator { border-radius: 4px; }
QCheckBox::indicator:hover { border-color: $muted; }
QCheckBox:focus::indicator { border-color: $focus; }
QCheckBox:focus { text-decoration: underline; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {
    background: $primary; border-color: $primary; image: url("$check");
}
QCheckBox::indicator:indeterminate, QAbstractItemView::indicator:indeterminate {
    background: $primary; border-color: $primary; image: url("$dash");
}
QCheckBox::indicator:disabled { border-color: $line; background: transparent; }
QCheckBox::indicator:checked:disabled { background: $faint; border-color: $faint; }
QRadioButton { spacing: 8px; color: $ink; background: transparent; }
QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid $faint; border-radius: 8px; background: $field;
}
QRadioButton::indicator:hover { border-color: $muted; }
QRadioButton:focus { text-decoration: underline; }
QRadioButton:focus::indicator { border-color: $focus; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $primary; background: $panel; }

QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal {
    width: 10px; height: 10px; margin: -5px 0; border-radius: 7px; background: $panel; border: 2px solid $accent;
}
QSlider::handle:horizontal:hover { background: $accent_wash; }
QSlider::sub-page:horizontal:disabled { background: $faint; }
QSlider::handle:disabled { border-color: $faint; }
QSlider:focus { border: 1px solid $focus; border-radius: 6px; }

QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { width: 10px; background: transparent; margin: 0; }
QScrollBar:horizontal { height: 10px; background: transparent; margin: 0; }
QScrollBar::handle:vertical { background: $scroll; border-radius: 3px; min-height: 28px; margin: 2px; }
QScrollBar::handle:horizontal { background: $scroll; border-radius: 3px; min-width: 28px; margin: 2px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }

QMenuBar { background: $panel; color: $ink; border-bottom: 1px solid $line; padding: 1px 6px; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 5px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $panel; color: $ink; border: 1px solid $line; border-radius: 8px; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 26px; border-radius: 5px; }
QMenu::item:selected { background: $accent_wash; }
QMenu::item:disabled { color: $faint; }
QMenu::icon { left: 7px; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QMenu::indicator:non-exclusive:checked, QMenu::indicator:exclusive:checked { image: url("$tick"); }

QAbstractItemView {
    background: $panel; color: $ink; border: none; outline: none;
    selection-background-color: $accent_wash; selection-color: $ink; alternate-background-color: $hover;
}
QTreeView::item, QListView::item { height: 22px; border: none; }
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover { background: $hover; color: $ink; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: $accent_wash; color: $ink; }
QTableView { gridline-color: $line; }
QTableView::item { padding: 0 8px; }
QHeaderView { background: $panel; }
QHeaderView::section {
    color: $muted; background: $panel; border: none; border-bottom: 1px solid $line;
    padding: 4px 8px; font-size: ${small}px;
}
QTableCornerButton::section { background: $panel; border: none; }

QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $line; }
QMessageBox { background: $panel; }
"""
)


def stylesheet(palette: Palette, fonts: Fonts) -> str:
    """Return the stylesheet of a palette."""
    tokens = {name: str(value) for name, value in asdict(palette).items()}
    ending = "dark" if palette.dark else "light"
    for icon in ("down", "up", "check", "dash", "tick"):
        tokens[icon] = (_ICONS / f"{icon}-{ending}.svg").as_posix()
    return _SHEET.substitute(
        tokens,
        scroll=palette.line if palette.dark else "#ccd2d9",
        mono=fonts.mono,
        text=round(13 * fonts.sans_scale),
        small=round(12 * fonts.sans_scale),
        number=round(12 * fonts.mono_scale),
    )
