import t from 'tap'
import {
  CaptureEnded,
  cameraOutage,
  emptyRecording,
  orderedEnd,
  troubleOf,
} from '../../../../services/agents/video/capture/follow-source.ts'

t.test('ended in order: the first reason of a signal that is one', async (t) => {
  t.equal(orderedEnd(new AbortController().signal), undefined)
  t.equal(orderedEnd(AbortSignal.abort(new Error('the task has ended'))), undefined)
  const stopped = AbortSignal.abort(new CaptureEnded({ ended: 'stopped' }))
  t.strictSame(orderedEnd(AbortSignal.any([new AbortController().signal, stopped])), { ended: 'stopped' })
})

t.test('a recording that gave frames: complete, damaged or stalled', async (t) => {
  t.equal(troubleOf({ exitCode: 0, stderrTail: '', isStalled: false }), undefined)
  t.equal(troubleOf({ exitCode: 0, stderrTail: 'deprecated pixel format', isStalled: false }), undefined)
  const cut = { exitCode: 0, stderrTail: '[mov @ 0x1] stream 0, partial file', isStalled: false }
  t.equal(troubleOf(cut), 'the source is damaged or cut off: stream 0, partial file')
  for (const stderrTail of [
    '[matroska,webm @ 0x1] File ended prematurely',
    '[matroska,webm @ 0x1] 0x00 at pos 864998 (0xd32e6) invalid as first byte of an EBML number',
    '[matroska,webm @ 0x1] Element at 0x54bf9 ending at 0x4ecb8d1f5 exceeds containing master element',
    '[mjpeg @ 0x1] error y=25 x=30',
    '[h264 @ 0x1] error while decoding MB 41 11',
  ])
    t.match(troubleOf({ exitCode: 0, stderrTail, isStalled: false }), /damaged or cut off/, stderrTail)
  t.equal(
    troubleOf({ exitCode: 1, stderrTail: '', isStalled: false }),
    'the source is damaged or cut off: no reason was given',
  )
  t.equal(troubleOf({ exitCode: 0, stderrTail: '', isStalled: true }), 'the source stopped giving frames')
})

t.test('a recording without a frame: why', async (t) => {
  t.match(emptyRecording('file', { isStalled: true, stderrTail: '' }), {
    code: 'SOURCE_UNAVAILABLE',
    message: 'the source gave no frame within 30 s',
  })
  t.match(emptyRecording('file', { isStalled: false, stderrTail: 'Invalid data found' }), {
    code: 'BROKEN_FILE',
    message: 'not one frame could be decoded: Invalid data found',
  })
  const wide = { isStalled: false, stderrTail: 'Picture size 9000x10 exceeds specified max pixel count' }
  t.match(emptyRecording('file', wide), { code: 'LIMIT_EXCEEDED' })
})

t.test('a camera that gives no frames any more: why', async (t) => {
  t.equal(cameraOutage({ isStalled: true, stderrTail: 'x' }), 'no frame came for 5 s')
  t.equal(cameraOutage({ isStalled: false, stderrTail: ' ' }), 'the source ended')
  t.equal(cameraOutage({ isStalled: false, stderrTail: 'x\ntimed out' }), 'the source ended: timed out')
})
