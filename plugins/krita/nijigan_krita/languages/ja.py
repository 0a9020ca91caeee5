# SPDX-License-Identifier: GPL-3.0-or-later
"""Japanese."""

from typing import Dict

MESSAGES: Dict[str, str] = {
    # The docker
    "Style": "画風",
    "What it is drawn like": "どの画風で描くか",
    "Strength": "強さ",
    "Strength in percent": "強さ（パーセント）",
    "From the picture as it is to fully drawn": "元の絵のままから、完全に描き直すまで",
    "Quality": "品質",
    "How exactly it is drawn": "どれだけ精密に描くか",
    "Draft": "下書き",
    "Normal": "標準",
    "Fine": "精密",
    "Scale": "縮尺",
    "At which size lines and regions are drawn": "線と面をどの大きさで描くか",
    "As suits the style": "画風に合わせる",
    "The picture's own": "絵の大きさのまま",
    "A short side of …": "短辺を指定…",
    "Short side in pixels": "短辺（ピクセル）",
    "Source": "対象",
    "What is drawn": "何を描くか",
    "The layer, as it looks": "レイヤー（見たまま）",
    "The layer's group": "レイヤーのグループ",
    "The whole canvas": "キャンバス全体",
    "Preview": "プレビュー",
    "A small drawing that follows the controls": "設定に合わせて描かれる小さな絵",
    "Preview, draw anew": "プレビュー、描き直す",
    "Press to draw it anew": "押すと描き直します",
    "Apply": "適用",
    "Draw it, as a new layer above the source": "対象の上に新しいレイヤーとして描きます",
    "Draw Animation": "アニメーションを描く",
    "Draw each frame of the timeline, as a new animated layer; goes on where it ended": (
        "タイムラインの各フレームを新しいアニメーションレイヤーとして描きます。続きから再開できます"
    ),
    "Steady": "ちらつき防止",
    "Draw each frame four times for the mean, and by statistics that all frames share, so that "
    "nothing shimmers or flickers; takes four times as long": (
        "各フレームを4回描いて平均し、全フレームで共通の統計を使って、ちらつきを防ぎます。"
        "4倍の時間がかかります"
    ),
    "Progress": "進み具合",
    "Cancel": "キャンセル",
    "Stop drawing; nothing is left of it": "描くのをやめます。何も残りません",
    "Message": "メッセージ",
    # Menus
    "nijigan: Apply": "nijigan: 適用",
    "nijigan: Draw Animation": "nijigan: アニメーションを描く",
    "nijigan: Cancel": "nijigan: キャンセル",
    "nijigan: Show Docker": "nijigan: ドッキングパネルを表示",
    # The sidecar
    "The sidecar": "サイドカー",
    "nijigan {version}, 1 style": "nijigan {version}、画風 1 種",
    "nijigan {version}, {count} styles": "nijigan {version}、画風 {count} 種",
    "Log": "ログ",
    "Open what was said last": "最後の記録を開きます",
    "More": "その他",
    "All about the sidecar": "サイドカーについて",
    "Start": "起動",
    "Restart": "再起動",
    "Install": "インストール",
    "Check Again": "再確認",
    "Settings": "設定",
    "Open Styles Folder": "画風のフォルダーを開く",
    "Start the sidecar": "サイドカーを起動",
    "Restart the sidecar": "サイドカーを再起動",
    "Stop the sidecar, for all programs": "サイドカーを停止（すべてのプログラム）",
    "Look how things stand": "状態を確認",
    "Install nijigan (about 250 MB from the network)": (
        "nijigan をインストール（約 250 MB をダウンロード）"
    ),
    "Choose nijigan's command …": "nijigan のコマンドを選ぶ…",
    "Open the folder of styles": "画風のフォルダーを開く",
    "Open the log": "ログを開く",
    "Copy diagnostics": "診断情報をコピー",
    "Diagnostics are in the clipboard": "診断情報をクリップボードにコピーしました",
    "Looking for the sidecar": "サイドカーを探しています",
    "nijigan is being installed": "nijigan をインストールしています",
    "nijigan is being installed: {line}": "nijigan をインストールしています: {line}",
    "No sidecar is running": "サイドカーが動いていません",
    "The sidecar is starting": "サイドカーを起動しています",
    "The sidecar is stopping": "サイドカーを停止しています",
    "The sidecar is stopped": "サイドカーは停止しています",
    "The sidecar runs, but no style is installed": (
        "サイドカーは動いていますが、画風が入っていません"
    ),
    # How far it is
    "reading": "読み込み中",
    "starting": "開始中",
    "loading": "準備中",
    "drawing": "描画中",
    "scaling": "拡大縮小中",
    "waiting for a turn": "順番待ち",
    "frame {done} of {count}": "フレーム {done} / {count}",
    "layer, frame {done} of {count}": "レイヤー：フレーム {done} / {count}",
    # What people should know
    "No document is open.": "ドキュメントが開かれていません。",
    "{space} is converted to sRGB to be drawn, and back.": (
        "{space} は、描くときに sRGB に変換し、元に戻します。"
    ),
    # What went wrong in Krita
    "There is nothing on “{name}”.": "「{name}」には何もありません。",
    "Choose another layer.": "別のレイヤーを選んでください。",
    "No layer is chosen.": "レイヤーが選ばれていません。",
    "Choose one in the list of layers.": "レイヤーの一覧から選んでください。",
    "The layer “{name}” is in no group.": "レイヤー「{name}」はグループに入っていません。",
    "Choose the layer or the whole canvas.": "レイヤーかキャンバス全体を選んでください。",
    "The group “{name}” is set to Pass Through.": (
        "グループ「{name}」はパススルーになっています。"
    ),
    "Switch that off, or choose the whole canvas.": (
        "パススルーを切るか、キャンバス全体を選んでください。"
    ),
    "“{name}” shows onion skins, which would be drawn.": (
        "「{name}」にはオニオンスキンが表示されていて、一緒に描かれてしまいます。"
    ),
    "Switch them off in the timeline.": "タイムラインでオニオンスキンを切ってください。",
    "Nothing that can be drawn is selected.": "描けるものが選択されていません。",
    "Select another part, or nothing.": "別の部分を選択するか、選択を解除してください。",
    "The document has been closed.": "ドキュメントが閉じられました。",
    "Open it and draw again.": "開いて、もう一度描いてください。",
    "The document has not been saved.": "ドキュメントが保存されていません。",
    "Save it: frames are kept in a folder beside it.": (
        "保存してください。フレームは隣のフォルダーに置かれます。"
    ),
    "The timeline has one frame alone.": "タイムラインにフレームが一つしかありません。",
    "Set its end.": "終わりを設定してください。",
    "{count} of {total} frames were not drawn.": (
        "{total} フレーム中 {count} フレームが描けませんでした。"
    ),
    "Frame {number}: {error}": "フレーム {number}: {error}",
    "Draw Animation tries them again.": "「アニメーションを描く」でもう一度試せます。",
    "{path} is no picture of {width}x{height} pixels.": (
        "{path} は {width}x{height} ピクセルの画像ではありません。"
    ),
    "Delete it, and draw again.": "削除して、もう一度描いてください。",
    "Krita does not open {path}.": "Krita で {path} を開けません。",
    "Stopped before the layer was written.": "レイヤーを書き込む前に中止しました。",
    "{path} cannot be written ({error}).": "{path} に書き込めません（{error}）。",
    "{path} cannot be read ({error}).": "{path} を読めません（{error}）。",
    "Is there room on the disk?": "ディスクに空きはありますか？",
    "Choose another folder.": "別のフォルダーを選んでください。",
    "Copy diagnostics.": "診断情報をコピーしてください。",
    # What went wrong around the sidecar
    "The style “{name}” is not installed.": "画風「{name}」はインストールされていません。",
    "No style is known.": "画風がありません。",
    "Start the sidecar.": "サイドカーを起動してください。",
    "There is no {path}.": "{path} がありません。",
    "Choose nijigan's command in the settings.": "設定で nijigan のコマンドを選んでください。",
    "nijigan, which draws, is not installed.": "描画を行う nijigan が入っていません。",
    "Install it, or choose its command in the settings.": (
        "インストールするか、設定でコマンドを選んでください。"
    ),
    "nijigan was not installed: {reason}.": "nijigan をインストールできませんでした: {reason}。",
    "There is no Python {version} or newer with venv here.": (
        "venv のある Python {version} 以降がありません。"
    ),
    "Install uv or Python, then try again.": ("uv か Python を入れて、もう一度試してください。"),
    "{package} has no command nijigan.": "{package} に nijigan コマンドがありません。",
    "Name the package nijigan.": "パッケージ nijigan を指定してください。",
    "The installation was stopped.": "インストールを中止しました。",
    "Install once more.": "もう一度インストールしてください。",
    "The log is {path}.": "ログは {path} です。",
    "Make room.": "空きを作ってください。",
    "{command} cannot be run ({error}).": "{command} を実行できません（{error}）。",
    "Install uv.": "uv を入れてください。",
    "{name} is not done yet.": "{name} がまだ終わっていません。",
    "Wait, or cancel it.": "待つか、キャンセルしてください。",
    "The sidecar (process {number}) is not seen from here, as from inside a sandbox.": (
        "サイドカー（プロセス {number}）がここから見えません（サンドボックスの中など）。"
    ),
    "The sidecar (process {number}) cannot be stopped ({error}).": (
        "サイドカー（プロセス {number}）を停止できません（{error}）。"
    ),
    "The sidecar (process {number}) is there after {seconds} s.": (
        "サイドカー（プロセス {number}）が {seconds} 秒たっても終わりません。"
    ),
    "Stop it where it runs.": "動いている所で停止してください。",
    "Try once more.": "もう一度試してください。",
    "No sidecar is running (nothing to read in {path}).": (
        "サイドカーが動いていません（{path} が読めません）。"
    ),
    "There is nothing to stop.": "停止するものがありません。",
    "Start it with: nijigan serve": "起動するには: nijigan serve",
    "Nothing answers at {place}.": "{place} から応答がありません。",
    "Nothing answers at {place} ({error}).": "{place} から応答がありません（{error}）。",
    "The certificate of {place} is not accepted ({reason}).": (
        "{place} の証明書は認められません（{reason}）。"
    ),
    "Give the address with the certificate's name, as tls://NAME:PORT, and its root in "
    "$NIJIGAN_CA.": (
        "証明書の名前を含むアドレス（tls://NAME:PORT）と、"
        "ルート証明書（$NIJIGAN_CA）を指定してください。"
    ),
    "The sidecar did not start: {reason}": "サイドカーを起動できませんでした: {reason}",
    "Try it in a terminal: nijigan doctor": "端末で試してください: nijigan doctor",
    "{command} cannot be started ({error}).": "{command} を起動できません（{error}）。",
    "Is nijigan installed there?": "そこに nijigan は入っていますか？",
    "The sidecar (nijigan {version}) has the interface {level}; this client knows {known}.": (
        "サイドカー（nijigan {version}）のインターフェースは {level} ですが、"
        "ここで使えるのは {known} です。"
    ),
    "Update this client, or the plugin that it is part of.": "プラグインを更新してください。",
    "Update nijigan, and restart the sidecar.": (
        "nijigan を更新して、サイドカーを再起動してください。"
    ),
    "Update the older of the two.": "古い方を更新してください。",
    "The sidecar is about to end.": "サイドカーが終了しようとしています。",
    "The sidecar stopped the call: it ends, or was kept waiting for too long.": (
        "サイドカーが処理を中断しました。終了したか、長く待たされたためです。"
    ),
    "Where its log says CUT_OFF, send and read without long pauses.": (
        "ログに CUT_OFF とある場合は、長く間をおかずに送受信してください。"
    ),
    "The sidecar sent no result.": "サイドカーから結果が届きませんでした。",
    "The sidecar sent no answer.": "サイドカーから返事がありませんでした。",
    "The connection to {place} is gone ({reason}).": "{place} との接続が切れました（{reason}）。",
    "Start the sidecar, or check the address.": (
        "サイドカーを起動するか、アドレスを確かめてください。"
    ),
    "There is no result after {seconds} s.": "{seconds} 秒たっても結果がありません。",
    "Allow more time, or send a smaller picture.": ("時間を延ばすか、小さい絵を送ってください。"),
    "An answer cannot be read ({error})": "返事を読めません（{error}）",
    "Check the address.": "アドレスを確かめてください。",
    "The call was not taken ({error}).": "処理を受け付けませんでした（{error}）。",
    "The server does not speak gRPC (HTTP {status}).": (
        "サーバーが gRPC に対応していません（HTTP {status}）。"
    ),
    "Retry.": "もう一度試してください。",
    "Stopped.": "中止しました。",
}
