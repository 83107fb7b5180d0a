/** What `nats bench` says at its end. */
export interface BenchFigures {
  readonly messagesPerSecond: number
  /** Of all messages; 10^6 bytes. */
  readonly megabytesPerSecond: number
  /** Of one operation; absent where the program does not say. Milliseconds. */
  readonly p50Ms?: number
  readonly p99Ms?: number
}

const RATE = /stats: ([\d,]+) msgs\/sec ~ ([\d.,]+) (B|KiB|MiB|GiB|KB|MB|GB)\/sec/
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** The figures of all clients together, from the output of `nats bench`. Pure. @throws Error when there are none */
export function readBench(output: string): BenchFigures {
  // With several clients those of all of them come first, then those of each.
  const line = output.split('\n').find((one) => RATE.test(one))
  if (line === undefined) throw new Error(`nats bench said no figures: ${output.trim().slice(-400)}`)
  const [, messages, size, unit] = RATE.exec(line)!
  const latency = (name: string) => {
    const us = new RegExp(`\\b${name}: ([\\d.,]+)us`).exec(line)?.[1]
    return us === undefined ? undefined : Number((numberOf(us) / 1000).toFixed(3))
  }
  const [p50Ms, p99Ms] = [latency('P50'), latency('P99')]
  return {
    messagesPerSecond: numberOf(messages!),
    megabytesPerSecond: Number(((numberOf(size!) * BYTES[unit!]!) / 1e6).toFixed(1)),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
  }
}

function numberOf(text: string): number {
  return Number(text.replaceAll(',', ''))
}
