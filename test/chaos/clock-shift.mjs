// Loaded into the daemon before its own code: its wall clock stands as far from the machine's as the
// file CHAOS_CLOCK says, in milliseconds, from soon after the file was written. The monotonic clock
// and the timers go on as they are.
import { readFileSync } from 'node:fs';

const RealDate = Date;
let shiftMs = 0;

function look() {
  try {
    shiftMs = Number(readFileSync(process.env['CHAOS_CLOCK'], 'utf8')) || 0;
  } catch {
    // Not written yet: the clock is right.
  }
}

class ShiftedDate extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + shiftMs);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate;

look();
setInterval(look, 25).unref();
