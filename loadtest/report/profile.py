"""Contenders in Python. `profile.py versions TASK` prints the versions, or fails where a package is missing;
`profile.py describe|minimal FILE` and `profile.py full ROWS FILE` look at a CSV file. The last line is the answer, as JSON."""

import json
import os
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")


def versions(task):
    import pandas

    found = {"python": sys.version.split()[0], "pandas": pandas.__version__}
    if task != "describe":
        import ydata_profiling

        found["ydata-profiling"] = ydata_profiling.__version__
    return found


def usage():
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    peak_mib = own.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status", encoding="utf-8") as status:
            peak_mib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
    return {"cpuSeconds": cpu_seconds, "peakMib": peak_mib}


def look_at(task, file, rows):
    import pandas

    seconds = {}
    started = time.perf_counter()
    frame = pandas.read_csv(file, nrows=rows)
    seconds["read"] = time.perf_counter() - started
    started = time.perf_counter()
    if task == "describe":
        frame.describe(include="all")
        seconds["describe"] = time.perf_counter() - started
    else:
        from ydata_profiling import ProfileReport

        ProfileReport(frame, minimal=task == "minimal", progress_bar=False).to_html()
        seconds["profile"] = time.perf_counter() - started
    return {"rowsRead": len(frame), "seconds": seconds}


if sys.argv[1] == "versions":
    print(json.dumps(versions(sys.argv[2])))
else:
    looked = look_at(sys.argv[1], sys.argv[-1], int(sys.argv[2]) if sys.argv[1] == "full" else None)
    print(json.dumps({**looked, "versions": versions(sys.argv[1]), "usage": usage()}))
