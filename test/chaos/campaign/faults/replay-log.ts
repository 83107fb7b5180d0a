import { randomUUID } from 'node:crypto'
import { readStream } from '../read-stream.ts'
import type { World } from '../world.ts'

const MOST = 400

/** Everything that the log holds is written into it once more, in its order, under new message ids. */
export async function replayLog(world: World): Promise<void> {
  const messages = await readStream(world.nc, 'LOG')
  await Promise.all(
    messages.slice(0, MOST).map(({ subject, data }) =>
      world.bus.publisher
        .publish(subject, data, { msgId: randomUUID(), giveUpAfterMs: 20_000 })
        // When there is no room or no server for so long, less is replayed.
        .catch(() => undefined),
    ),
  )
}
