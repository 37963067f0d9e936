"""QR codes as drawings."""

from io import BytesIO

import segno


def svg(text: str) -> bytes:
    """The text as a QR code: an SVG file without size, style or script, with its quiet zone.

    A quarter of it may be dirty or torn: it hangs beside a door.
    """
    drawing = BytesIO()
    code = segno.make_qr(text, error="q", boost_error=False)
    code.save(drawing, kind="svg", omitsize=True, light="#fff", svgclass=None, lineclass=None)
    return drawing.getvalue()
