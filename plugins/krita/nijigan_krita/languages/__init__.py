# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogues: what each text of the plugin is in another language."""
