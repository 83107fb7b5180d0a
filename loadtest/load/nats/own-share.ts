import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { STREAMS } from '../../../subjects/streams.ts'
import { runSaturated } from '../../bench/product.ts'

/** What the product does with the same server. */
export interface OwnShare {
  readonly tasksPerSecond: number
  /** Messages that the streams stored for each task of three steps. */
  readonly storedPerTask: number
  readonly storedPerSecond: number
}

const UNDER_WAY = 2000
const STORED = [STREAMS.log.name, STREAMS.steps.name] as const

/** Tasks of three steps, as many as it can do, and how many messages that stores. */
export async function measureOwnShare(
  product: Parameters<typeof runSaturated>[0],
  natsUrl: string,
  tasks: number,
): Promise<OwnShare> {
  const nc = await connect({ servers: natsUrl })
  try {
    const jsm = await jetstreamManager(nc)
    const stored = async () => {
      const infos = await Promise.all(STORED.map((name) => jsm.streams.info(name)))
      return infos.reduce((sum, { state }) => sum + state.last_seq, 0)
    }
    await runSaturated(product, Math.min(1000, tasks), UNDER_WAY)
    const before = await stored()
    const tasksPerSecond = await runSaturated(product, tasks, UNDER_WAY)
    const storedPerTask = ((await stored()) - before) / tasks
    return {
      tasksPerSecond,
      storedPerTask: Number(storedPerTask.toFixed(1)),
      storedPerSecond: Math.round(storedPerTask * tasksPerSecond),
    }
  } finally {
    await nc.close()
  }
}
