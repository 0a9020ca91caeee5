# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls that screen readers can name."""

from typing import Any, Sequence, Tuple, TypeVar

from nijigan_krita.qt import QtCore, QtWidgets

W = TypeVar("W", bound=Any)


def named(widget: W, name: str, tip: str = "") -> W:
    """Give a control the name that a screen reader says, and what is shown where it is pointed."""
    widget.setAccessibleName(name)
    widget.setAccessibleDescription(tip)
    widget.setToolTip(tip or name)
    return widget


def button(text: str, tip: str = "") -> Any:
    """Return a button with a text."""
    return named(QtWidgets.QPushButton(text), text, tip)


def choice(name: str, tip: str, items: Sequence[Tuple[str, str]]) -> Any:
    """Return a list to choose from; items: what each stands for, and what people read."""
    box = named(QtWidgets.QComboBox(), name, tip)
    for value, text in items:
        box.addItem(text, value)
    # Long words of other languages must not make the docker wide.
    box.setSizeAdjustPolicy(
        QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    )
    return box


def choose(box: Any, value: str) -> None:
    """Have a list show the item that stands for `value`."""
    box.setCurrentIndex(max(0, box.findData(value)))


def message(name: str) -> Any:
    """Return a text of several lines, which can be copied, and is not there while it is empty."""
    label = named(QtWidgets.QLabel(), name)
    label.setWordWrap(True)
    flags = QtCore.Qt.TextInteractionFlag
    label.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
    label.hide()
    return label


def show_text(label: Any, text: str) -> None:
    """Show a text in such a label, or hide it."""
    if label.text() != text:
        label.setText(text)
        label.setAccessibleDescription(text)
    label.setVisible(bool(text))
