#!/bin/sh
# Sweeps the targets in one file, except those in another. `-f -` reads them from standard input.
cd "$(dirname "$0")" || exit
exec echosweep -f targets.txt --exclude-file excluded.txt -o report.csv
