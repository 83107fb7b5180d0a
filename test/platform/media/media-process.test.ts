import t from 'tap'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { runMediaTool, startMediaProcess } from '#platform/media/media-process.ts'

const tools = await findFfmpeg()
const skip = tools ? false : 'there is no ffmpeg on this machine'
const signal = new AbortController().signal
/** Runs Node itself as a program that behaves as told. */
const script = (code: string) => ['-e', code]

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

t.test('what it wrote, and how it ended', async (t) => {
  const code = 'process.stdout.write("out"); process.stderr.write("err"); process.exitCode = 3'
  const run = await runMediaTool(process.execPath, script(code), { signal, maxStdoutBytes: 3 })
  t.strictSame(run, { exitCode: 3, stdout: Buffer.from('out'), stderr: 'err', isTimedOut: false })
})

t.test('output over the cap: the message is that of the caller', async (t) => {
  const limits = { signal, maxStdoutBytes: 2, tooLarge: 'the frame is too large' }
  const running = runMediaTool(process.execPath, script('process.stdout.write("out")'), limits)
  await t.rejects(running, { code: 'LIMIT_EXCEEDED', message: 'the frame is too large' })
})

t.test('too slow: killed, and what it wrote is there', async (t) => {
  const args = ['-c', 'printf here >&2; exec sleep 60']
  const run = await runMediaTool('/bin/sh', args, { signal, timeoutMs: 1000, maxStdoutBytes: 10 })
  t.match(run, { exitCode: null, stderr: 'here', isTimedOut: true })
})

t.test('stderr is kept from its start, up to the cap', async (t) => {
  const code = 'process.stderr.write("start" + "x".repeat(300 * 1024))'
  const { stderr } = await runMediaTool(process.execPath, script(code), { signal, maxStdoutBytes: 1 })
  t.equal(stderr.length, 256 * 1024)
  t.ok(stderr.startsWith('startx'))
})

t.test('nothing of our environment is handed on', async (t) => {
  const code = 'process.stdout.write(JSON.stringify(process.env))'
  const { stdout } = await runMediaTool(process.execPath, script(code), { signal, maxStdoutBytes: 1000 })
  t.notOk('PATH' in JSON.parse(stdout.toString()))
})

t.test('a program that is not there; a signal that has aborted before', async (t) => {
  const limits = { signal, maxStdoutBytes: 1 }
  await t.rejects(runMediaTool('/nowhere/ffmpeg', [], limits), { code: 'ENOENT' })
  const aborted = AbortSignal.abort(new Error('too late'))
  t.throws(() => runMediaTool(process.execPath, [], { ...limits, signal: aborted }), { message: 'too late' })
})

t.test('a long process: its end, its stderr, its pipes', async (t) => {
  const code = 'process.stdin.pipe(process.stdout); process.stderr.write("warned")'
  const echo = startMediaProcess(process.execPath, script(code), { stdin: 'pipe', stdout: 'pipe' })
  const parts: Buffer[] = []
  echo.child.stdout!.on('data', (part: Buffer) => parts.push(part))
  echo.child.stdin!.end('frames')
  t.equal(await echo.closed, 0)
  t.equal(Buffer.concat(parts).toString(), 'frames')
  t.equal(echo.stderrTail(), 'warned')
  await echo.end()
})

t.test('ended: asked first, killed when it does not hear', async (t) => {
  const code =
    'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000); console.log("deaf")'
  const deaf = startMediaProcess(process.execPath, script(code), { stdin: 'ignore', stdout: 'pipe' })
  await new Promise((resolve) => deaf.child.stdout!.once('data', resolve))
  await deaf.end()
  t.equal(await deaf.closed, null)
  t.equal(deaf.child.signalCode, 'SIGKILL')
})

t.test('one that can not be started: closed rejects, end does not', async (t) => {
  const missing = startMediaProcess('/nowhere/ffmpeg', [], { stdin: 'ignore', stdout: 'ignore' })
  await t.rejects(missing.closed, { code: 'ENOENT' })
  await missing.end()
})
