"""A ground station by pymavlink's mavutil: flies one vehicle and prints what it saw as JSON.

Called as: fly.py PORT SYSTEM_ID. Every wait has a bound; a wait in vain ends with exit code 1.
"""

import json
import math
import sys
import time

from pymavlink import mavutil

port, system_id = int(sys.argv[1]), int(sys.argv[2])
link = mavutil.mavlink_connection(f"udpin:127.0.0.1:{port}", source_system=254)
seen = {}


def wait(what, kinds, holds, seconds=12):
    """The first message of those kinds from the vehicle for which it holds."""
    until = time.time() + seconds
    while time.time() < until:
        message = link.recv_match(type=kinds, blocking=True, timeout=0.5)
        if message is None or message.get_srcSystem() != system_id:
            continue
        if holds(message):
            return message
    sys.exit(f"not seen: {what}")


systems = set()
until = time.time() + 10
while systems != {1, 2, 3} and time.time() < until:
    message = link.recv_match(type="HEARTBEAT", blocking=True, timeout=1)
    if message is not None:
        systems.add(message.get_srcSystem())
seen["systems"] = sorted(systems)
link.target_system, link.target_component = system_id, 1

link.mav.command_long_send(
    system_id, 1, mavutil.mavlink.MAV_CMD_REQUEST_MESSAGE, 0, 148, 0, 0, 0, 0, 0, 0
)
version = wait("version", ["AUTOPILOT_VERSION"], lambda m: True).flight_sw_version
seen["version"] = f"{version >> 24}.{version >> 16 & 255}.{version >> 8 & 255}"

link.param_fetch_all()
names = set()
first = wait("parameters", ["PARAM_VALUE"], lambda m: True)
names.add(first.param_id)
while len(names) < first.param_count:
    names.add(wait("parameter", ["PARAM_VALUE"], lambda m: True).param_id)
seen["parameters"] = sorted(names)
link.param_set_send("FS_GCS_ENABLE", 1)
value = wait("set", ["PARAM_VALUE"], lambda m: m.param_id == "FS_GCS_ENABLE")
seen["parameter"] = [value.param_id, value.param_value]

link.waypoint_request_list_send()
seen["missionCount"] = wait("count", ["MISSION_COUNT"], lambda m: True).count

link.set_mode("GUIDED")
link.arducopter_arm()
armed = wait(
    "armed",
    ["HEARTBEAT"],
    lambda m: m.base_mode & mavutil.mavlink.MAV_MODE_FLAG_SAFETY_ARMED and m.custom_mode == 4,
)
seen["armed"], seen["mode"] = True, mavutil.mode_string_v10(armed)
link.mav.command_long_send(
    system_id, 1, mavutil.mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 0, 25
)
wait("height", ["GLOBAL_POSITION_INT"], lambda m: m.relative_alt > 24000, 15)

start = wait("place", ["GLOBAL_POSITION_INT"], lambda m: True)
goal = start.lat + 5000, start.lon + 3000
link.mav.set_position_target_global_int_send(
    0, system_id, 1, mavutil.mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT, 0b110111111000,
    goal[0], goal[1], 30, 0, 0, 0, 0, 0, 0, 0, 0,
)


def away(message):
    north = (message.lat - goal[0]) * 1e-7 * 111000
    east = (message.lon - goal[1]) * 1e-7 * 111320 * math.cos(math.radians(message.lat * 1e-7))
    return math.hypot(north, east)


reached = wait("goal", ["GLOBAL_POSITION_INT"], lambda m: away(m) < 1.5, 20)
seen["reachedM"] = away(reached)
link.set_mode_rtl()
final = wait("return", ["HEARTBEAT"], lambda m: m.custom_mode == 6)
seen["finalMode"] = mavutil.mode_string_v10(final)
print(json.dumps(seen))
