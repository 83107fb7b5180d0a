import t from 'tap'
import { cameraViewExample } from '#schemas/camera-view.ts'
import { cameraNow, hasPictures } from '../../../../services/console/screens/cameras/camera-now.ts'
import { stateOf } from '../../../cli/monitor-fixtures.ts'

const heard = (state: ReturnType<typeof stateOf>, atMs: number) => ({
  ...{ state, stateHeardAtMs: atMs, heardAtMs: atMs, trails: [] },
})

t.test('what a camera told within moments goes before the list', async (t) => {
  const state = stateOf('one', { status: 'offline', reason: 'refused', fps: 0 })
  t.match(cameraNow({ ...cameraViewExample, site: 'north' }, heard(state, 9000), 10_000), {
    ...{ status: 'offline', reason: 'refused', fps: 0, site: 'north', detectStream: 'substream' },
  })
  const live = stateOf('one', { status: 'live' })
  t.notOk('reason' in cameraNow(cameraViewExample, heard(live, 9000), 10_000)!, 'nothing of why it was blind')
})

t.test('who is not heard is as the list says', async (t) => {
  const state = stateOf('one', { status: 'live' })
  t.equal(cameraNow(cameraViewExample, heard(state, 5000), 10_000), cameraViewExample)
  t.equal(cameraNow(cameraViewExample, undefined, 10_000), cameraViewExample)
  t.equal(cameraNow(undefined, undefined, 10_000), undefined)
  t.match(cameraNow(undefined, heard(state, 5000), 10_000), { status: 'live', detectStream: 'main' })
})

t.test('pictures come of what is live, blind or lagging', async (t) => {
  t.strictSame(
    (['live', 'blind', 'lagging', 'connecting', 'offline', 'waiting', 'unwatched', 'ended'] as const).map(
      hasPictures,
    ),
    [true, true, true, false, false, false, false, false],
  )
})
