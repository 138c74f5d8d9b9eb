/** What would make an engine work that does not: commands to copy. */

/** Any one of the lines is enough. */
export function remediesFor(engine: 'raw' | 'dgram' | 'raw-socket' | 'system'): string[] {
  switch (engine) {
    case 'raw':
      return [
        'sudo echosweep …   (root is given up as soon as the sockets are open)',
        `sudo setcap cap_net_raw+ep ${process.execPath}   (for every script that this node runs)`,
        'AmbientCapabilities=CAP_NET_RAW   (in the [Service] section of a systemd unit)',
      ];
    case 'dgram':
      return [
        'sudo sysctl -w net.ipv4.ping_group_range="0 2147483647"',
        "echo 'net.ipv4.ping_group_range = 0 2147483647' | sudo tee /etc/sysctl.d/60-ping.conf   (to keep it)",
      ];
    case 'raw-socket':
      return [
        'sudo echosweep --engine raw-socket …',
        'npm install raw-socket   (where it is missing; needs Python and a C++ compiler)',
      ];
    case 'system':
      return [
        'sudo apt-get install iputils-ping   (or the package of your system that has `ping`)',
        'sudo setcap cap_net_raw+ep "$(command -v ping)"   (where it may not open a socket)',
      ];
  }
}
