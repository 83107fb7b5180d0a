import t from 'tap'
import { STARTER } from '../../loadtest/video/material.ts'
import { openDetector } from '../../loadtest/video/open-detector.ts'
import { CONDITIONS } from '../../services/agents/video/scenes/scenarios/conditions.ts'
import { followScene } from '../support/follow-scene.ts'

// Fog, night, flicker, rain, buses before parked cars, a camera that turns: through the starter model, the tracker and the rules.

t.setTimeout(20 * 60_000)
const wanted = process.env.MURMUR_TEST_SCENES?.split(',')
const detector = await openDetector(STARTER)
t.teardown(() => detector.close())

for (const { name } of CONDITIONS)
  for (const seed of [1, 2])
    t.test(
      `${name}, seed ${seed}: every event of the truth once, nothing else`,
      {
        skip: wanted !== undefined && !wanted.includes(name),
      },
      async (t) => {
        const { truth, events } = await followScene(detector, { scenario: name, seed, fps: 5 })
        const left = events.map(({ rule, mediaMs, subject }) => ({ rule: rule.id, mediaMs, subject }))
        for (const event of truth.events) {
          const found = left.findIndex(
            ({ rule, mediaMs }) => rule === event.rule && Math.abs(mediaMs - event.atMs) <= 1000,
          )
          t.ok(found >= 0, `${event.rule} at ${event.atMs} ms`)
          if (found >= 0) left.splice(found, 1)
        }
        t.strictSame(left, [], 'no other')
      },
    )
