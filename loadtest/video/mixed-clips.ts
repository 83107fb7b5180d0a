import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { asset, ROOT } from './material.ts'

const execute = promisify(execFile)

/** A clip for some of the cameras of a site. */
export interface MixedClip {
  name: string
  file: string
  /** Of sixteen cameras, so many have this one. */
  of16: number
}

/** Frames a second, as cameras that are watched have them. */
const FPS = 10
const ENCODER = [
  ...['-r', String(FPS), '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '24'],
  ...['-g', '40', '-pix_fmt', 'yuv420p'],
]
/** What a sensor adds at dusk: nothing is ever quite still. */
const NOISE = 'noise=alls=7:allf=t'

/**
 * Sixteen rendered cameras as a site has them: in two of them persons and cars pass all the time, in four somebody comes now and then, ten
 * show a place in which nobody is for most of a minute. Clips that lie in the folder are not rendered again.
 */
export async function renderedClips(folder: string): Promise<MixedClip[]> {
  const render = async (scenario: string) => {
    const clip = join(folder, `${scenario}.mp4`)
    const about = ['--seed', '1', '--width', '640', '--height', '360', '--out', clip]
    const scenes = join(ROOT, 'services/agents/video/scenes/main.ts')
    mkdirSync(folder, { recursive: true })
    if (!existsSync(clip))
      await execute(process.execPath, [scenes, 'render', scenario, ...about, '--truth', `${clip}.json`])
    return clip
  }
  return [
    { name: 'busy', file: await render('street'), of16: 2 },
    { name: 'passers', file: await render('intruder'), of16: 4 },
    { name: 'quiet', file: await render('visitor'), of16: 10 },
  ]
}

/**
 * Sixteen cameras of real clips: at two of them somebody walks all the time, at four now and then, ten show an empty place in which a cloud
 * passes and once a minute somebody. Undefined where there are none.
 */
export async function realClips(ffmpeg: string, folder: string): Promise<MixedClip[] | undefined> {
  const busy = asset('clips/pets09-s2l1-480x360.mp4')
  const passers = asset('clips/person-bicycle-car-768x432.mp4')
  if (!busy || !passers) return undefined
  mkdirSync(folder, { recursive: true })
  const passing = join(folder, 'passers.mp4')
  const quiet = join(folder, 'quiet.mp4')
  const still = join(folder, 'still.png')
  const clips = [
    { name: 'busy', file: busy, of16: 2 },
    { name: 'passers', file: passing, of16: 4 },
    { name: 'quiet', file: quiet, of16: 10 },
  ]
  if (existsSync(quiet)) return clips
  // Nobody is in the picture then.
  await execute(ffmpeg, ['-v', 'error', '-y', '-ss', '6.5', '-i', passers, '-frames:v', '1', still])
  await execute(ffmpeg, ['-v', 'error', '-y', '-i', passers, '-vf', NOISE, '-an', ...ENCODER, passing])
  const empty = `loop=loop=-1:size=1,fps=${FPS},trim=duration=50,eq=brightness='0.05*sin(t/8)':eval=frame,${NOISE},format=yuv420p,setsar=1[e]`
  const pass = `[1:v]trim=duration=8,setpts=PTS-STARTPTS,fps=${FPS},${NOISE},format=yuv420p,setsar=1[p]`
  await execute(ffmpeg, [
    ...['-v', 'error', '-y', '-i', still, '-i', passers],
    ...['-filter_complex', `[0:v]${empty};${pass};[e][p]concat=n=2:v=1[out]`, '-map', '[out]'],
    ...[...ENCODER, quiet],
  ])
  return clips
}
