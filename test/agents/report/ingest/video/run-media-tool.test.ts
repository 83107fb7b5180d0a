import t from 'tap'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { runMediaTool } from '../../../../../services/agents/report/ingest/video/run-media-tool.ts'

const tools = await findFfmpeg()

const skip = tools ? false : 'there is no ffmpeg on this machine'

const signal = new AbortController().signal

t.test('abort kills the program', { skip }, async (t) => {
  const caller = new AbortController()
  const endless = ['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', 'testsrc', '-f', 'null', '-']
  const options = { signal: caller.signal, maxStdoutBytes: 100 }
  const running = runMediaTool(tools!.ffmpeg, endless, options)
  caller.abort(new Error('the step was cancelled'))
  // Settles only when the program is gone: it would never end by itself.
  await t.rejects(running, { message: 'the step was cancelled' })
})

t.test('output over the cap ends the program', { skip }, async (t) => {
  const endless = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc', '-f', 'rawvideo', 'pipe:1']
  const running = runMediaTool(tools!.ffmpeg, endless, { signal, maxStdoutBytes: 100_000 })
  await t.rejects(running, { code: 'LIMIT_EXCEEDED' })
})
