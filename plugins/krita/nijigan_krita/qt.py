# SPDX-License-Identifier: GPL-3.0-or-later
"""Qt as Krita has it: PyQt5 in Krita 5, PyQt6 in Krita 6.

A process may load one of them alone, so what Krita has loaded is what is taken. Enums are written
with their scope everywhere, which both understand.
"""

import sys

if "PyQt6.QtCore" in sys.modules:
    from PyQt6 import QtCore as QtCore
    from PyQt6 import QtGui as QtGui
    from PyQt6 import QtWidgets as QtWidgets
else:
    from PyQt5 import QtCore as QtCore
    from PyQt5 import QtGui as QtGui
    from PyQt5 import QtWidgets as QtWidgets
