#!/usr/bin/python3
"""An IP camera for tests: H.264 over RTSP with digest authentication. Prints its port.

Arguments: pictures from one keyframe to the next, number of B-frames; `full` for 1920 x 1080 pictures of noise, 4 Mbit/s,
instead of small ones. User `viewer`, password `se:cret`.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

gop, b_frames, full = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["full"]
pattern, width, height, rate = ("snow", 1920, 1080, "bitrate=4000") if full else ("ball", 320, 240, "")
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")

auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "viewer")
auth.add_digest("viewer", "se:cret", token)
server.set_auth(auth)

factory = GstRtspServer.RTSPMediaFactory()
tune = "" if b_frames else "tune=zerolatency"
factory.set_launch(
    f"( videotestsrc is-live=true pattern={pattern} ! video/x-raw,width={width},height={height},framerate=25/1"
    f" ! x264enc {tune} {rate} speed-preset=ultrafast key-int-max={gop} bframes={b_frames} b-adapt=false"
    f" ! video/x-h264,profile={'main' if b_frames else 'baseline'} ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)
factory.set_shared(True)
permissions = GstRtspServer.RTSPPermissions()
permissions.add_permission_for_role("viewer", "media.factory.access", True)
permissions.add_permission_for_role("viewer", "media.factory.construct", True)
factory.set_permissions(permissions)
server.get_mount_points().add_factory("/main", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
