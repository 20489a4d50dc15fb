// SPDX-License-Identifier: Apache-2.0
// tests/scenario/ways_out.hpp — how root in a machine might harm the host, or another machine.
#pragma once

#include <array>

namespace test {

/// Where a test runs these there is a file /run/canary/secret, a process `sleep 27182`, shared memory, and a lab with the machines vm1,
/// from which it is tried, and vm2.
struct WayOut {
  const char* name;
  const char* script;  ///< says OUT when it is out
  /// Whether it leads out where there is no sandbox, and can be tried there: on a machine that the test has to itself but for its kernel.
  bool open_without;
};

inline constexpr std::array kWaysOut{
    // Processes.
    WayOut{"see a process of the host", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q '[s]leep 27182' && echo OUT", true},
    WayOut{"the files of a process that sees more", "for p in /proc/[0-9]*; do [ -e $p/root/run/canary/secret ] && echo OUT; done", true},
    WayOut{"the working directory of one", "for p in /proc/[0-9]*; do [ -e $p/cwd/run/canary/secret ] && echo OUT; done", true},
    WayOut{"what one has open", "ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q '/processes/' && echo OUT", true},
    WayOut{"the program of one, to write it",
           "for p in $(grep -ls lazuli-supervisor /proc/[0-9]*/comm /proc/[0-9]*/cmdline); do "
           "[ -e ${p%/*}/exe ] && [ $(readlink ${p%/*}/exe) ] && case $(readlink ${p%/*}/exe) in *supervisor) "
           "grep -q -- --sandbox ${p%/*}/cmdline || echo OUT;; esac; done",
           true},
    WayOut{"trace a supervisor",
           R"(python3 - <<'END'
import ctypes, glob
for path in glob.glob('/proc/[0-9]*'):
    words = open(path + '/cmdline', 'rb').read()
    if b'lazuli-supervisor' in words and b'--sandbox' not in words:
        if ctypes.CDLL(None).ptrace(16, int(path[6:]), 0, 0) == 0: print('OUT')
END)",
           false},
    WayOut{"the memory of a supervisor",
           R"(python3 - <<'END'
import glob
for path in glob.glob('/proc/[0-9]*'):
    words = open(path + '/cmdline', 'rb').read()
    if b'lazuli-supervisor' in words and b'--sandbox' not in words:
        try: open(path + '/mem', 'rb'); print('OUT')
        except OSError: pass
END)",
           true},
    WayOut{"the namespaces of another process",
           "for p in /proc/[0-9]*; do nsenter -m -t ${p#/proc/} test -e /run/canary/secret && echo OUT; done", true},
    WayOut{"urgent for the kernel", "renice -n -5 $$ >/dev/null && echo OUT", true},
    WayOut{"never to be killed for memory", "echo -500 >/proc/self/oom_score_adj && echo OUT", false},
    WayOut{"shared memory of the host", "ipcs -m | grep -q '^0x' && echo OUT", true},
    WayOut{"the host's terminals", "ls /dev/pts | grep -q '[0-9]' && echo OUT", false},
    // Files and mounts.
    WayOut{"the host's /run", "cat /run/canary/secret && echo OUT", true},
    WayOut{"what is mounted over it", "umount -l /run; umount -l /run; [ -e /run/canary/secret ] && echo OUT", false},
    WayOut{"the files of labs", "cat /run/lazuli/*/model.json && echo OUT", false},
    WayOut{"those below what hides them", "umount /run/lazuli; cat /run/lazuli/*/model.json && echo OUT", true},
    WayOut{"names of network namespaces", "ls /run/netns | grep -q . && echo OUT", true},
    WayOut{"another machine's network", "ip netns exec $LAZULI_LAB.vm2 true && echo OUT", true},
    WayOut{"a file in memory", "mount -t tmpfs none /mnt && echo OUT", true},
    WayOut{"another place for a folder", "mount --bind /tmp /mnt && echo OUT", true},
    WayOut{"a fresh /proc", "mount -t proc none /mnt && echo OUT", true},
    WayOut{"a fresh /sys", "mount -t sysfs none /mnt && echo OUT", true},
    WayOut{"a mount namespace of one's own", "unshare -m true && echo OUT", true},
    WayOut{"a user namespace of one's own", "unshare -Ur true && echo OUT", true},
    WayOut{"names of the network, which are a neighbour's as well", "echo 10.9.9.9 vm2 >>/etc/hosts && echo OUT", false},
    WayOut{"the names below them", "umount /etc/hosts && echo OUT", true},
    WayOut{"who may log in", "touch /etc/lazuli-canary && rm /etc/lazuli-canary && echo OUT", true},
    WayOut{"who may, after all", "mount -o remount,rw,bind /etc; touch /etc/lazuli-canary && rm /etc/lazuli-canary && echo OUT", true},
    WayOut{"programs", "touch /usr/bin/lazuli-canary && rm /usr/bin/lazuli-canary && echo OUT", true},
    WayOut{"what is run at night", "touch /var/spool/lazuli-canary && rm /var/spool/lazuli-canary && echo OUT", true},
    WayOut{"what is booted", "touch /boot/lazuli-canary && rm /boot/lazuli-canary && echo OUT", true},
    WayOut{"what stands at the top", "touch /lazuli-canary && rm /lazuli-canary && echo OUT", true},
    WayOut{"another folder in a folder's place", "mv /opt /opt.lazuli && mv /opt.lazuli /opt && echo OUT", true},
    WayOut{"packages' scripts", "touch /var/lib/dpkg/lazuli-canary && rm /var/lib/dpkg/lazuli-canary && echo OUT", true},
    WayOut{"a file that makes others root", ": >/tmp/lazuli-su; chmod 4755 /tmp/lazuli-su && echo OUT; rm /tmp/lazuli-su", true},
    WayOut{"a file with capabilities",
           "cp /bin/true /tmp/lazuli-su; PATH=$PATH:/sbin setcap cap_net_admin+ep /tmp/lazuli-su && echo OUT; rm /tmp/lazuli-su", true},
    WayOut{"the program of whoever keeps it", "[ -e /proc/1/exe ] && echo OUT", true},
    WayOut{"where whoever keeps it came from", "[ -e /proc/1/cwd/canary/secret ] && echo OUT", false},
    WayOut{"a file by its number",
           R"(python3 - <<'END'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
handle = ctypes.create_string_buffer(136)
ctypes.cast(handle, ctypes.POINTER(ctypes.c_uint))[0] = 128
where = ctypes.c_int()
libc.name_to_handle_at(-100, b'/etc/passwd', handle, ctypes.byref(where), 0)
if libc.open_by_handle_at(os.open('/', os.O_RDONLY), handle, os.O_RDONLY) >= 0: print('OUT')
END)",
           false},
    WayOut{"out of a changed root",
           R"(python3 - <<'END'
import os
os.makedirs('/tmp/lazuli-root', exist_ok=True)
os.chroot('/tmp/lazuli-root')
for _ in range(99): os.chdir('..')
os.chroot('.')
if os.path.exists('/run/canary/secret'): print('OUT')
os.rmdir('/tmp/lazuli-root')
END)",
           true},
    // The machine.
    WayOut{"a switch of the kernel's", "v=$(cat /proc/sys/vm/swappiness); echo $v >/proc/sys/vm/swappiness && echo OUT", true},
    WayOut{"what runs after a crash", "v=$(cat /proc/sys/kernel/core_pattern); echo \"$v\" >/proc/sys/kernel/core_pattern && echo OUT",
           true},
    WayOut{"a switch, after a remount", "mount -o remount,rw,bind /proc/sys; echo 60 >/proc/sys/vm/swappiness && echo OUT", false},
    WayOut{"a device's settings", "echo x >/sys/class/net/eth0/ifalias && echo OUT", true},
    WayOut{"groups of processes", "mkdir /sys/fs/cgroup/unified/lazuli /sys/fs/cgroup/lazuli && echo OUT", false},
    WayOut{"a device", "mknod /tmp/lazuli-device b 254 0 && echo OUT; rm -f /tmp/lazuli-device", false},
    WayOut{"who may use a device", "chmod 666 /dev/null && echo OUT", true},
    WayOut{"the machine's own host", "python3 -c 'import socket; socket.socket(40, 1); print(\"OUT\")'", true},
    WayOut{"the network's one switch that is the machine's",
           "f=/proc/sys/net/netfilter/nf_hooks_lwtunnel; [ -e $f ] && cat $f >$f && echo OUT", false},
    WayOut{"a device that is there", "ls /dev | grep -qE '^(vd|sd|nvme|mem|kmsg|port|loop|kvm)' && echo OUT", true},
    WayOut{"the kernel's memory", "head -c 1 /proc/kcore | grep -q . && echo OUT", false},
    WayOut{"what the kernel says", "head -c 1 /proc/kmsg | grep -q . && echo OUT", false},
    WayOut{"the host's name", "hostname lazuli-canary && echo OUT", false},
    WayOut{"the clock", "date -s @1000000000 && echo OUT", false},
    WayOut{"a module, the end of the machine, and other programs' keys",
           R"(python3 - <<'END'
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
calls = {'x86_64': (175, 169, 250, 248, 249)}.get(platform.machine(), ())
for call in calls:
    ctypes.set_errno(0)
    libc.syscall(call, 0, 0, 0, 0)
    if ctypes.get_errno() not in (1, 38): print('OUT', call)  # a kernel may have no modules
END)",
           false},
    WayOut{"to type into the terminal",
           R"(python3 - <<'END'
import fcntl, os
end, terminal = os.openpty()
for command in (0x5412, 0x541c):
    try: fcntl.ioctl(terminal, command, b'x'); print('OUT')
    except OSError as error:
        if error.errno != 1: print('OUT', error)
END)",
           false},
};

}  // namespace test
