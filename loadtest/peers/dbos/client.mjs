import { setTimeout as sleep } from 'node:timers/promises'
import { postJson } from './http-task.mjs'
import { serveTasks } from './line-protocol.ts'

const ASK_AGAIN_MS = 50

// The application is asked, which starts the workflow: while it is away the client asks again, under the same id.
serveTasks(async (id, data) => {
  for (;;) {
    try {
      return await postJson(`${process.env.PEER_URL}/task-${id}`, data)
    } catch (error) {
      if (error.code === undefined) throw error
      await sleep(ASK_AGAIN_MS)
    }
  }
})
