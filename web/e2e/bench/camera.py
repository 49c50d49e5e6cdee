#!/usr/bin/python3
"""An IP camera for figures: 1080p at 25 pictures a second, H.264 over RTSP at about 4 Mbit/s. Prints its address.

Each picture says in its first rows when it was made, in the cells that crates/house/src/hallway/timestamp.rs describes.
Wants what xtask's setup installs: python3-gi, gir1.2-gst-rtsp-server-1.0, and GStreamer's ugly plugins for x264.
"""
import random
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

WIDTH, HEIGHT, PER_S = 1920, 1080, 25
CELLS, CELL, CHECK = 48, 12, 0x5A5AC33CA5A5
# A person's worth of what changes from picture to picture.
BLOCK = 160
BLACK, WHITE = bytes([16] * CELL), bytes([235] * CELL)


def still():
    """The scene without clock and person: uneven enough that a keyframe costs what one of a hallway does."""
    chance = random.Random(7)
    grain = bytes(96 + chance.randrange(32) for _ in range(WIDTH + 512))
    luma = bytearray()
    for y in range(HEIGHT):
        from_ = (y // 8 * 37) % 512
        luma += grain[from_ : from_ + WIDTH]
    return bytes(luma) + bytes([128]) * (WIDTH * HEIGHT // 2)


def picture(scene, textures, number):
    unix_ms = time.time_ns() // 1_000_000
    data = bytearray(scene)
    left, top = number * 12 % (WIDTH - BLOCK), 400 + number * 4 % 300
    texture = textures[number // 4 % len(textures)]
    for y in range(BLOCK):
        at = (top + y) * WIDTH + left
        data[at : at + BLOCK] = texture[y * BLOCK : (y + 1) * BLOCK]
    for row, bits in enumerate((unix_ms, unix_ms ^ CHECK)):
        cells = b"".join(WHITE if bits >> (CELLS - 1 - cell) & 1 else BLACK for cell in range(CELLS))
        for y in range(row * CELL, (row + 1) * CELL):
            data[y * WIDTH : y * WIDTH + len(cells)] = cells
    return Gst.Buffer.new_wrapped(bytes(data))


def film(source):
    scene = still()
    chance = random.Random(8)
    textures = [bytes(60 + chance.randrange(60) for _ in range(BLOCK * BLOCK)) for _ in range(4)]
    number, due = 0, time.monotonic()
    while source.emit("push-buffer", picture(scene, textures, number)) == Gst.FlowReturn.OK:
        number += 1
        due = max(due + 1 / PER_S, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))


def begin(_factory, media):
    source = media.get_element().get_child_by_name("scene")
    threading.Thread(target=film, args=(source,), daemon=True).start()


Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( appsrc name=scene is-live=true do-timestamp=true format=time max-buffers=2 leaky-type=downstream"
    f" caps=video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={PER_S}/1"
    f" ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=3700 key-int-max={PER_S} bframes=0"
    " ! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)
factory.set_shared(True)
factory.connect("media-configure", begin)
server.get_mount_points().add_factory("/main", factory)
server.attach(None)
print(f"rtsp://127.0.0.1:{server.get_bound_port()}/main", flush=True)
GLib.MainLoop().run()
