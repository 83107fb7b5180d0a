import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { asset } from './material.ts'

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
  '-r',
  String(FPS),
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-crf',
  '24',
  '-g',
  '40',
  '-pix_fmt',
  'yuv420p',
]
/** What a sensor adds at dusk: nothing is ever quite still. */
const NOISE = 'noise=alls=7:allf=t'

/**
 * Sixteen cameras as a site has them: at two of them somebody walks all the time, at four now and then, ten show an empty place in
 * which a cloud passes and once a minute somebody. Real clips where there are any, else rendered ones.
 */
export async function mixedClips(ffmpeg: string, folder: string, busyClip: string): Promise<MixedClip[]> {
  const passers = asset('clips/person-bicycle-car-768x432.mp4') ?? busyClip
  const emptyAtSec = passers === busyClip ? 0 : 6.5
  const passing = join(folder, 'passers.mp4')
  const quiet = join(folder, 'quiet.mp4')
  const still = join(folder, 'still.png')
  await execute(ffmpeg, [
    '-v',
    'error',
    '-y',
    '-ss',
    String(emptyAtSec),
    '-i',
    passers,
    '-frames:v',
    '1',
    still,
  ])
  await execute(ffmpeg, ['-v', 'error', '-y', '-i', passers, '-vf', NOISE, '-an', ...ENCODER, passing])
  const empty = `loop=loop=-1:size=1,fps=${FPS},trim=duration=50,eq=brightness='0.05*sin(t/8)':eval=frame,${NOISE},format=yuv420p,setsar=1[e]`
  const pass = `[1:v]trim=duration=8,setpts=PTS-STARTPTS,fps=${FPS},${NOISE},format=yuv420p,setsar=1[p]`
  await execute(ffmpeg, [
    ...['-v', 'error', '-y', '-i', still, '-i', passers],
    ...['-filter_complex', `[0:v]${empty};${pass};[e][p]concat=n=2:v=1[out]`, '-map', '[out]'],
    ...[...ENCODER, quiet],
  ])
  return [
    { name: 'busy', file: busyClip, of16: 2 },
    { name: 'passers', file: passing, of16: 4 },
    { name: 'quiet', file: quiet, of16: 10 },
  ]
}
