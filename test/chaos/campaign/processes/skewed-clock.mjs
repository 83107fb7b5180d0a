// Loaded before everything else by a process whose clock is to be wrong: the time of day is shifted, durations are not.
const byMs = Number(process.env.CHAOS_SKEW_MS)
const Right = globalThis.Date
const now = () => Right.now() + byMs

class SkewedDate extends Right {
  constructor(...parts) {
    if (parts.length === 0) super(now())
    else super(...parts)
  }

  static now() {
    return now()
  }
}
globalThis.Date = SkewedDate
