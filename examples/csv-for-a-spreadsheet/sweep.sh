#!/bin/sh
# Writes a report that Excel opens with a double click: umlauts right, numbers as numbers, times as times.
# Where the decimal sign is a comma, add: --csv-delimiter ';' --csv-decimal ','
cd "$(dirname "$0")" || exit
exec echosweep 127.0.0.0/28 -c 3 -p 100 --csv-profile excel -o report.csv
