import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import { startServers } from '../../deploy/local/servers/start-servers.ts'
import { durationOf } from '../load/options.ts'
import { makeClips } from './make-clips.ts'
import { runEndurance } from './run-endurance.ts'

/**
 * `npm run test:endurance -- --duration 8h`: cameras that run on and on, with outages, kills and a full disk. Fails when an alert is not true
 * to what the cameras showed, an outage is not one incident, or memory grows. The last line is the result as JSON.
 */
const { values } = parseArgs({
  options: {
    duration: { type: 'string', default: '5m' },
    cameras: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'murmur-endurance-'))
const media = await resolveFfmpeg(say)
say('drawing what the cameras will see …')
process.env.MURMUR_FFMPEG = media.ffmpeg
const clips = await makeClips(media.ffmpeg, folder, Number(values.cameras))
const servers = await startServers({ dataDir: join(folder, 'servers'), report: say })
try {
  const result = await runEndurance(servers, {
    durationMs: durationOf('--duration', values.duration),
    seed: Number(values.seed),
    ...{ clips, ffmpeg: media.ffmpeg, folder, say },
  })
  for (const violation of result.violations) say(`✗ ${violation}`)
  const { events, told, unseen, unseenTold, violations } = result
  say(
    `${told} of ${events} events told, ${unseenTold} of ${unseen} while nobody could see; ${violations.length} violations`,
  )
  process.stdout.write(`${JSON.stringify(result)}\n`)
  if (violations.length > 0) process.exitCode = 1
} finally {
  await servers.stop()
  rmSync(folder, { recursive: true, force: true })
}
