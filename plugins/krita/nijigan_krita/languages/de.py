# SPDX-License-Identifier: GPL-3.0-or-later
"""German."""

from typing import Dict

MESSAGES: Dict[str, str] = {
    # The docker
    "Style": "Stil",
    "What it is drawn like": "Wie gezeichnet wird",
    "Strength": "Stärke",
    "Strength in percent": "Stärke in Prozent",
    "From the picture as it is to fully drawn": "Vom unveränderten Bild bis ganz gezeichnet",
    "Quality": "Qualität",
    "How exactly it is drawn": "Wie genau gezeichnet wird",
    "Draft": "Entwurf",
    "Normal": "Normal",
    "Fine": "Fein",
    "Scale": "Maßstab",
    "At which size lines and regions are drawn": "Wie groß Linien und Flächen gezeichnet werden",
    "As suits the style": "Wie es zum Stil passt",
    "The picture's own": "Der des Bildes",
    "A short side of …": "Kurze Seite von …",
    "Short side in pixels": "Kurze Seite in Pixeln",
    "Source": "Quelle",
    "What is drawn": "Was gezeichnet wird",
    "The layer, as it looks": "Die Ebene, wie sie aussieht",
    "The layer's group": "Die Gruppe der Ebene",
    "The whole canvas": "Die ganze Leinwand",
    "Preview": "Vorschau",
    "A small drawing that follows the controls": "Eine kleine Zeichnung, die den Reglern folgt",
    "Preview, draw anew": "Vorschau, neu zeichnen",
    "Press to draw it anew": "Drücken, um sie neu zu zeichnen",
    "Apply": "Anwenden",
    "Draw it, as a new layer above the source": "Als neue Ebene über der Quelle zeichnen",
    "Draw Animation": "Animation zeichnen",
    "Draw each frame of the timeline, as a new animated layer; goes on where it ended": (
        "Jedes Bild der Zeitleiste zeichnen, als neue animierte Ebene; "
        "macht weiter, wo es aufgehört hat"
    ),
    "Steady": "Ruhig",
    "Draw each frame four times for the mean, and by statistics that all frames share, so that "
    "nothing shimmers or flickers; takes four times as long": (
        "Jedes Bild viermal für den Mittelwert und mit gemeinsamer Statistik aller zeichnen, "
        "damit nichts flimmert oder flackert; dauert viermal so lange"
    ),
    "Progress": "Fortschritt",
    "Cancel": "Abbrechen",
    "Stop drawing; nothing is left of it": "Nicht weiter zeichnen; nichts bleibt davon zurück",
    "Message": "Meldung",
    # Menus
    "nijigan: Apply": "nijigan: Anwenden",
    "nijigan: Draw Animation": "nijigan: Animation zeichnen",
    "nijigan: Cancel": "nijigan: Abbrechen",
    "nijigan: Show Docker": "nijigan: Andockfenster zeigen",
    # The sidecar
    "The sidecar": "Der Sidecar",
    "nijigan {version}, 1 style": "nijigan {version}, 1 Stil",
    "nijigan {version}, {count} styles": "nijigan {version}, {count} Stile",
    "Log": "Protokoll",
    "Open what was said last": "Öffnen, was zuletzt gesagt wurde",
    "More": "Mehr",
    "All about the sidecar": "Alles zum Sidecar",
    "Start": "Starten",
    "Restart": "Neu starten",
    "Install": "Installieren",
    "Check Again": "Nochmals prüfen",
    "Settings": "Einstellungen",
    "Open Styles Folder": "Ordner der Stile öffnen",
    "Start the sidecar": "Den Sidecar starten",
    "Restart the sidecar": "Den Sidecar neu starten",
    "Stop the sidecar, for all programs": "Den Sidecar anhalten, für alle Programme",
    "Look how things stand": "Nachsehen, wie es steht",
    "Install nijigan (about 250 MB from the network)": (
        "nijigan installieren (etwa 250 MB aus dem Netz)"
    ),
    "Choose nijigan's command …": "Das Kommando von nijigan wählen …",
    "Open the folder of styles": "Den Ordner der Stile öffnen",
    "Open the log": "Das Protokoll öffnen",
    "Copy diagnostics": "Diagnose kopieren",
    "Diagnostics are in the clipboard": "Die Diagnose ist in der Zwischenablage",
    "Looking for the sidecar": "Der Sidecar wird gesucht",
    "nijigan is being installed": "nijigan wird installiert",
    "nijigan is being installed: {line}": "nijigan wird installiert: {line}",
    "No sidecar is running": "Kein Sidecar läuft",
    "The sidecar is starting": "Der Sidecar startet",
    "The sidecar is stopping": "Der Sidecar hält an",
    "The sidecar is stopped": "Der Sidecar ist angehalten",
    "The sidecar runs, but no style is installed": (
        "Der Sidecar läuft, aber kein Stil ist installiert"
    ),
    # How far it is
    "reading": "Lesen",
    "starting": "Beginn",
    "loading": "Laden",
    "drawing": "Zeichnen",
    "scaling": "Skalieren",
    "waiting for a turn": "Warten, bis wir dran sind",
    "frame {done} of {count}": "Bild {done} von {count}",
    "layer, frame {done} of {count}": "Ebene, Bild {done} von {count}",
    # What people should know
    "No document is open.": "Kein Dokument ist offen.",
    "{space} is converted to sRGB to be drawn, and back.": (
        "{space} wird zum Zeichnen nach sRGB umgerechnet, und zurück."
    ),
    # What went wrong in Krita
    "There is nothing on “{name}”.": "Auf „{name}“ ist nichts.",
    "Choose another layer.": "Wählen Sie eine andere Ebene.",
    "No layer is chosen.": "Keine Ebene ist gewählt.",
    "Choose one in the list of layers.": "Wählen Sie eine in der Liste der Ebenen.",
    "The layer “{name}” is in no group.": "Die Ebene „{name}“ ist in keiner Gruppe.",
    "Choose the layer or the whole canvas.": "Wählen Sie die Ebene oder die ganze Leinwand.",
    "The group “{name}” is set to Pass Through.": (
        "Die Gruppe „{name}“ steht auf Durchreichen (Pass Through)."
    ),
    "Switch that off, or choose the whole canvas.": (
        "Schalten Sie das aus, oder wählen Sie die ganze Leinwand."
    ),
    "“{name}” shows onion skins, which would be drawn.": (
        "„{name}“ zeigt Zwiebelhäute, die mitgezeichnet würden."
    ),
    "Switch them off in the timeline.": "Schalten Sie sie in der Zeitleiste aus.",
    "Nothing that can be drawn is selected.": "Ausgewählt ist nichts, was gezeichnet werden kann.",
    "Select another part, or nothing.": "Wählen Sie einen anderen Teil aus oder nichts.",
    "The document has been closed.": "Das Dokument wurde geschlossen.",
    "Open it and draw again.": "Öffnen Sie es und zeichnen Sie noch einmal.",
    "The document has not been saved.": "Das Dokument ist nicht gespeichert.",
    "Save it: frames are kept in a folder beside it.": (
        "Speichern Sie es: die Bilder kommen in einen Ordner daneben."
    ),
    "The timeline has one frame alone.": "Die Zeitleiste hat nur ein Bild.",
    "Set its end.": "Setzen Sie ihr Ende.",
    "{count} of {total} frames were not drawn.": (
        "{count} von {total} Bildern wurden nicht gezeichnet."
    ),
    "Frame {number}: {error}": "Bild {number}: {error}",
    "Draw Animation tries them again.": "Animation zeichnen versucht sie noch einmal.",
    "{path} is no picture of {width}x{height} pixels.": (
        "{path} ist kein Bild von {width}x{height} Pixeln."
    ),
    "Delete it, and draw again.": "Löschen Sie es, und zeichnen Sie noch einmal.",
    "Krita does not open {path}.": "Krita öffnet {path} nicht.",
    "Stopped before the layer was written.": "Angehalten, bevor die Ebene geschrieben war.",
    "{path} cannot be written ({error}).": "{path} kann nicht geschrieben werden ({error}).",
    "{path} cannot be read ({error}).": "{path} kann nicht gelesen werden ({error}).",
    "Is there room on the disk?": "Ist auf der Platte Platz?",
    "Choose another folder.": "Wählen Sie einen anderen Ordner.",
    "Copy diagnostics.": "Kopieren Sie die Diagnose.",
    # What went wrong around the sidecar
    "The style “{name}” is not installed.": "Der Stil „{name}“ ist nicht installiert.",
    "No style is known.": "Kein Stil ist bekannt.",
    "Start the sidecar.": "Starten Sie den Sidecar.",
    "There is no {path}.": "{path} gibt es nicht.",
    "Choose nijigan's command in the settings.": "Wählen Sie das Kommando von nijigan.",
    "nijigan, which draws, is not installed.": "nijigan, das zeichnet, ist nicht installiert.",
    "Install it, or choose its command in the settings.": (
        "Installieren Sie es, oder wählen Sie sein Kommando."
    ),
    "nijigan was not installed: {reason}.": "nijigan wurde nicht installiert: {reason}.",
    "There is no Python {version} or newer with venv here.": (
        "Hier ist kein Python {version} oder neuer mit venv."
    ),
    "Install uv or Python, then try again.": (
        "Installieren Sie uv oder Python und versuchen Sie es noch einmal."
    ),
    "{package} has no command nijigan.": "{package} hat kein Kommando nijigan.",
    "Name the package nijigan.": "Nennen Sie das Paket nijigan.",
    "The installation was stopped.": "Die Installation wurde angehalten.",
    "Install once more.": "Installieren Sie noch einmal.",
    "The log is {path}.": "Das Protokoll ist {path}.",
    "Make room.": "Schaffen Sie Platz.",
    "{command} cannot be run ({error}).": "{command} kann nicht ausgeführt werden ({error}).",
    "Install uv.": "Installieren Sie uv.",
    "{name} is not done yet.": "{name} ist noch nicht fertig.",
    "Wait, or cancel it.": "Warten Sie, oder brechen Sie ab.",
    "The sidecar (process {number}) is not seen from here, as from inside a sandbox.": (
        "Der Sidecar (Prozess {number}) ist von hier nicht zu sehen, etwa aus einer Sandbox."
    ),
    "The sidecar (process {number}) cannot be stopped ({error}).": (
        "Der Sidecar (Prozess {number}) kann nicht angehalten werden ({error})."
    ),
    "The sidecar (process {number}) is there after {seconds} s.": (
        "Der Sidecar (Prozess {number}) ist nach {seconds} s noch da."
    ),
    "Stop it where it runs.": "Halten Sie ihn an, wo er läuft.",
    "Try once more.": "Versuchen Sie es noch einmal.",
    "No sidecar is running (nothing to read in {path}).": (
        "Kein Sidecar läuft (in {path} ist nichts zu lesen)."
    ),
    "There is nothing to stop.": "Es gibt nichts anzuhalten.",
    "Start it with: nijigan serve": "Starten Sie ihn mit: nijigan serve",
    "Nothing answers at {place}.": "Bei {place} antwortet nichts.",
    "Nothing answers at {place} ({error}).": "Bei {place} antwortet nichts ({error}).",
    "The certificate of {place} is not accepted ({reason}).": (
        "Das Zertifikat von {place} wird nicht anerkannt ({reason})."
    ),
    "Give the address with the certificate's name, as tls://NAME:PORT, and its root in "
    "$NIJIGAN_CA.": (
        "Geben Sie die Adresse mit dem Namen im Zertifikat an, als tls://NAME:PORT, und seine "
        "Wurzel in $NIJIGAN_CA."
    ),
    "The sidecar did not start: {reason}": "Der Sidecar ist nicht gestartet: {reason}",
    "Try it in a terminal: nijigan doctor": "Versuchen Sie es im Terminal: nijigan doctor",
    "{command} cannot be started ({error}).": "{command} kann nicht gestartet werden ({error}).",
    "Is nijigan installed there?": "Ist nijigan dort installiert?",
    "The sidecar (nijigan {version}) has the interface {level}; this client knows {known}.": (
        "Der Sidecar (nijigan {version}) hat die Schnittstelle {level}; bekannt ist hier {known}."
    ),
    "Update this client, or the plugin that it is part of.": "Aktualisieren Sie das Plugin.",
    "Update nijigan, and restart the sidecar.": (
        "Aktualisieren Sie nijigan, und starten Sie den Sidecar neu."
    ),
    "Update the older of the two.": "Aktualisieren Sie das Ältere von beiden.",
    "The sidecar is about to end.": "Der Sidecar hört gerade auf.",
    "The sidecar stopped the call: it ends, or was kept waiting for too long.": (
        "Der Sidecar hat den Aufruf beendet: Er hört auf, oder er musste zu lange warten."
    ),
    "Where its log says CUT_OFF, send and read without long pauses.": (
        "Wo in seinem Protokoll CUT_OFF steht: Senden und lesen Sie ohne lange Pausen."
    ),
    "The sidecar sent no result.": "Der Sidecar hat kein Ergebnis geschickt.",
    "The sidecar sent no answer.": "Der Sidecar hat nicht geantwortet.",
    "The connection to {place} is gone ({reason}).": (
        "Die Verbindung zu {place} ist weg ({reason})."
    ),
    "Start the sidecar, or check the address.": (
        "Starten Sie den Sidecar, oder prüfen Sie die Adresse."
    ),
    "There is no result after {seconds} s.": "Nach {seconds} s ist kein Ergebnis da.",
    "Allow more time, or send a smaller picture.": (
        "Lassen Sie mehr Zeit, oder schicken Sie ein kleineres Bild."
    ),
    "An answer cannot be read ({error})": "Eine Antwort ist nicht zu lesen ({error})",
    "Check the address.": "Prüfen Sie die Adresse.",
    "The call was not taken ({error}).": "Der Aufruf wurde nicht angenommen ({error}).",
    "The server does not speak gRPC (HTTP {status}).": (
        "Der Server spricht kein gRPC (HTTP {status})."
    ),
    "Retry.": "Versuchen Sie es noch einmal.",
    "Stopped.": "Angehalten.",
}
