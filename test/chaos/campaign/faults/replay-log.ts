import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { readStream, type StoredMessage } from '../read-stream.ts'
import type { World } from '../world.ts'

const MAX = 400
const MAX_TRIES = 50
const AGAIN_MS = 200

/** Everything that the log holds is written into it once more, in its order, under new message ids. */
export async function replayLog(world: World): Promise<void> {
  const messages = await untilRead(world)
  await Promise.all(
    messages.slice(0, MAX).map(({ subject, data }) =>
      world.bus.publisher
        .publish(subject, data, { msgId: randomUUID(), giveUpAfterMs: 20_000 })
        // When there is no room or no server for so long, less is replayed.
        .catch(() => undefined),
    ),
  )
}

/** The server may be away just now. */
async function untilRead(world: World): Promise<StoredMessage[]> {
  for (let tries = 0; ; tries++) {
    try {
      return await readStream(world.nc, 'LOG')
    } catch (error) {
      if (tries > MAX_TRIES) throw error
      await sleep(AGAIN_MS)
    }
  }
}
