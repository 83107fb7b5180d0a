import fc from 'fast-check'
import t from 'tap'
import {
  chooseDeletions,
  type KeptFile,
  TIERS,
  type Tier,
} from '../../../../../services/agents/video/recordings/store/retention.ts'

const HOUR_MS = 3_600_000
const NO_LIMITS = {
  keepMs: { plain: 2 * HOUR_MS, active: 7 * HOUR_MS, alert: 30 * HOUR_MS, detections: 30 * HOUR_MS },
  cameraBytes: Number.POSITIVE_INFINITY,
  totalBytes: Number.POSITIVE_INFINITY,
  freeBytes: 0,
}

function file(camera: string, hour: number, tier: Tier = 'plain', more: Partial<KeptFile> = {}): KeptFile {
  return { camera, lineMs: hour * HOUR_MS, bytes: 10, tier, isOpen: false, ...more }
}

const hoursOf = (deletions: readonly { file: KeptFile }[]) =>
  deletions.map(({ file }) => file.lineMs / HOUR_MS)

t.test('each tier has its age', async (t) => {
  const files = TIERS.flatMap((tier) => [1, 10].map((hour) => file('a', hour, tier)))
  const deletions = chooseDeletions(files, NO_LIMITS, { lineMs: 11 * HOUR_MS, freeBytes: undefined })
  t.strictSame(
    deletions.map(({ file: { tier, lineMs }, reason }) => [tier, lineMs / HOUR_MS, reason]),
    [
      ['plain', 1, 'age'],
      ['active', 1, 'age'],
    ],
  )
})

t.test('too much: the oldest of what is worth least, of the camera that has too much', async (t) => {
  const files = [file('a', 3), file('a', 1, 'alert'), file('a', 2), file('b', 0), file('a', 0, 'active')]
  const of = (limits: object, freeBytes?: number) =>
    chooseDeletions(files, { ...NO_LIMITS, ...limits }, { lineMs: HOUR_MS, freeBytes })
  t.strictSame(hoursOf(of({ cameraBytes: 20 })), [2, 3], 'b has not too much')
  t.strictSame(hoursOf(of({ totalBytes: 20 })), [0, 2, 3])
  t.strictSame(hoursOf(of({ totalBytes: 0 })), [0, 2, 3, 0, 1])
  t.strictSame(hoursOf(of({ freeBytes: 25 }, 6)), [0, 2])
  t.strictSame(of({ freeBytes: 25 }, 30), [])
})

t.test(
  'whatever there is: limits hold where they can, no more goes than has to, what is written stays',
  async () => {
    const anyFile = fc.record({
      camera: fc.constantFrom('a', 'b'),
      lineMs: fc.nat(1000),
      bytes: fc.integer({ min: 1, max: 100 }),
      tier: fc.constantFrom(...TIERS),
      isOpen: fc.boolean(),
    })
    const anyLimits = fc.record({ cameraBytes: fc.nat(500), totalBytes: fc.nat(500), freeBytes: fc.nat(300) })
    fc.assert(
      fc.property(
        fc.array(anyFile, { maxLength: 30 }),
        anyLimits,
        fc.nat(300),
        (files, limits, freeBytes) => {
          const deletions = chooseDeletions(files, { ...NO_LIMITS, ...limits }, { lineMs: 1000, freeBytes })
          const gone = new Set(deletions.map((one) => one.file))
          const kept = files.filter((one) => !gone.has(one))
          const sum = (some: readonly KeptFile[]) => some.reduce((total, { bytes }) => total + bytes, 0)
          const isFineFor = (some: readonly KeptFile[], camera: string) =>
            sum(some) <= limits.totalBytes &&
            freeBytes + sum(files) - sum(some) >= limits.freeBytes &&
            sum(some.filter((one) => one.camera === camera)) <= limits.cameraBytes
          const isFine = (some: readonly KeptFile[]) => ['a', 'b'].every((camera) => isFineFor(some, camera))
          const last = deletions.at(-1)
          return (
            deletions.every((one) => !one.file.isOpen) &&
            // Only what is being written keeps a limit from holding.
            kept.every(({ isOpen, camera }) => isOpen || isFineFor(kept, camera)) &&
            (last === undefined || !isFine([...kept, last.file]))
          )
        },
      ),
    )
  },
)
