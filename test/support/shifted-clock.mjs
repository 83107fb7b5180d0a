// Loaded before a process's main, by NODE_OPTIONS: the machine's clock is wrong by SHIFT_CLOCK_MS.
const shiftMs = Number(process.env.SHIFT_CLOCK_MS)
const RightDate = Date

globalThis.Date = class extends RightDate {
  constructor(...args) {
    if (args.length === 0) super(RightDate.now() + shiftMs)
    else super(...args)
  }

  static now() {
    return RightDate.now() + shiftMs
  }
}
