import t from 'tap'
import { LiveCameras } from '../../../../services/console/screens/cameras/live-cameras.ts'
import { stateOf, tracksOf } from '../../../cli/monitor-fixtures.ts'

t.test('each monitor is followed by itself', async (t) => {
  const told: string[] = []
  const found: string[] = []
  const cameras = new LiveCameras(
    (monitor) => found.push(monitor),
    () => 5000,
  )
  const end = cameras.subscribe('one', () => told.push('one'))
  cameras.subscribe('two', () => told.push('two'))
  cameras.take([
    { event: 'state', data: stateOf('one', { fps: 9 }) },
    { event: 'tracks', data: tracksOf('one', { seq: 1 }) },
    { event: 'tracks', data: tracksOf('one', { seq: 2 }) },
    { event: 'state', data: { torn: true } },
    { event: 'other', data: {} },
  ])
  t.strictSame(told, ['one'], 'once for all that came at once')
  t.strictSame(found, ['one'])
  t.match(cameras.get('one'), { state: { fps: 9 }, tracks: { seq: 2 }, heardAtMs: 5000 })
  end()
  cameras.take([{ event: 'tracks', data: tracksOf('one', { seq: 3 }) }])
  t.strictSame(told, ['one'])
  t.equal(cameras.get('two'), undefined)
})

t.test('a new beginning of a camera forgets its trails', async (t) => {
  const cameras = new LiveCameras()
  const track = {
    ...{ id: 1, class: 'person' as const, label: 'person', score: 0.8, predicted: false, zones: [] },
    box: [0.1, 0.1, 0.2, 0.2] as [number, number, number, number],
  }
  const moved = { ...track, box: [0.5, 0.1, 0.6, 0.2] as [number, number, number, number] }
  cameras.take([
    { event: 'tracks', data: tracksOf('one', { epoch: 1, tracks: [track] }) },
    { event: 'tracks', data: tracksOf('one', { epoch: 1, tracks: [moved] }) },
  ])
  t.equal(cameras.get('one')!.trails[0]!.points.length, 2)
  cameras.take([{ event: 'tracks', data: tracksOf('one', { epoch: 2, tracks: [moved] }) }])
  t.equal(cameras.get('one')!.trails[0]!.points.length, 1)
})

t.test('what was seen in a frame is found when its picture comes, for some seconds', async (t) => {
  let atMs = 0
  const cameras = new LiveCameras(undefined, () => ++atMs)
  const take = (seq: number) => cameras.take([{ event: 'tracks', data: tracksOf('one', { epoch: 7, seq }) }])
  for (let seq = 1; seq <= 70; seq++) take(seq)
  t.match(cameras.seen('one'), { tracks: { seq: 70 }, heardAtMs: 70 })
  t.match(cameras.seen('one', '7/40'), { tracks: { seq: 40 }, heardAtMs: 40 })
  t.equal(cameras.seen('one', '7/6'), undefined, 'too long ago')
  t.equal(cameras.seen('one', '8/40'), undefined, 'of another reading')
  t.equal(cameras.seen('two'), undefined)
})
