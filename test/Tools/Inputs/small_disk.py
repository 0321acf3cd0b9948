# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command that cannot write a file beyond a size, as on a full disk.

usage: small_disk.py BYTES COMMAND [ARGUMENT]...
"""

import os
import resource
import signal
import sys

limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
# The write fails then, instead of killing the process.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
os.execvp(sys.argv[2], sys.argv[2:])
