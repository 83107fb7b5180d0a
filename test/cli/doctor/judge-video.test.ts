import t from 'tap'
import { type DetectorView, detectorViewExample as ready } from '#schemas/detection.ts'
import { judgeVideo } from '../../../services/cli/doctor/judge-video.ts'

const nowMs = ready.lastSeenMs + 40_000
const silent: DetectorView = { ...ready, instance: 'detection-2', state: 'silent' }
const judge = (about: Parameters<typeof judgeVideo>[0]) =>
  judgeVideo(about, nowMs).map(({ name, status, evidence }) => `${name} ${status}: ${evidence}`)

t.test('without live video there is nothing to say', (t) => {
  t.strictSame(judge({}), [])
  t.strictSame(judge({ detectors: [], cameras: [] }), [])
  t.end()
})

t.test('a detector that does not answer is told with how long, and what to do', (t) => {
  t.match(judge({ detectors: [ready] }), [
    /^detection ok: detection-1: yolox-nano on cpu, 38\.5 fps, last answer 40\.1 s ago$/,
  ])
  t.match(judge({ detectors: [silent] }), [
    /^detection fail: detection-2: .* not heard for 40\.0 s: it hangs or was killed/,
  ])
  t.match(judge({ detectors: [ready, silent] }), [/^detection warn/])
  t.match(judge({ detectors: [{ ...ready, state: 'hung', busyMs: 9000 }] }), [
    /^detection fail: .*network hangs for 9/,
  ])
  t.match(judge({ cameras: [{ status: 'connecting', count: 1 }] }), [
    /^detection fail: no detector is heard/,
    /cameras ok/,
  ])
  t.match(judgeVideo({ detectors: [silent] }, nowMs)[0]?.fix, /murmur logs detection/)
  t.end()
})

t.test('cameras by how they are, the worst decides', (t) => {
  const cameras = (...counts: ['live' | 'blind' | 'waiting', number][]) =>
    judge({ detectors: [ready], cameras: counts.map(([status, count]) => ({ status, count })) })[1]
  t.equal(cameras(['live', 3]), 'cameras ok: 3 cameras: 3 live')
  t.equal(cameras(['waiting', 1], ['live', 3]), 'cameras warn: 4 cameras: 3 live, 1 waiting')
  t.equal(cameras(['live', 3], ['blind', 1]), 'cameras fail: 4 cameras: 3 live, 1 blind')
  t.end()
})
