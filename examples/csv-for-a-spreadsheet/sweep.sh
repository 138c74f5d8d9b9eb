#!/bin/sh
# Writes a report that Excel opens with a double click, with correct umlauts, addresses, numbers and times.
# If your decimal separator is a comma, add: --csv-delimiter ';' --csv-decimal ','
cd "$(dirname "$0")" || exit
exec echosweep 127.0.0.0/28 -c 3 -p 100 --csv-profile excel -o report.csv
