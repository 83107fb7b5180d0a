import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A clip, and who is to be seen in it when. Seconds. */
export interface VisitedClip {
  file: string
  width: number
  height: number
  fps: number
  /** How long it lasts. */
  seconds: number
  /** Each visit: from when to when somebody is in the picture. */
  visits: readonly { what: string; fromS: number; toS: number }[]
}

/** How a clip is altered, so that it is one that nothing was tuned on. */
export interface Alteration {
  name: string
  /** Filters of ffmpeg. */
  filter?: string
  /** So many times as slow. */
  slower?: number
  /** Read so often, one after the other. */
  times?: number
}

/** Other light, other sensors, other cameras: what happens in the clip stays the same. */
export const ALTERATIONS: readonly Alteration[] = [
  { name: 'as it is' },
  { name: 'mirrored', filter: 'hflip' },
  { name: 'darker', filter: 'eq=gamma=0.5:contrast=0.8' },
  { name: 'brighter', filter: 'eq=gamma=1.6:contrast=0.85' },
  { name: 'without colours, noisy', filter: 'hue=s=0,eq=gamma=0.6,noise=alls=14:allf=t' },
  { name: 'noisy', filter: 'noise=alls=20:allf=t' },
  { name: 'blurred', filter: 'gblur=sigma=1.6' },
  { name: 'haze', filter: 'eq=contrast=0.5:brightness=0.12' },
  { name: 'a lamp flickers', filter: "eq=brightness='0.06*sin(2*PI*2*t)':eval=frame" },
  {
    name: 'the camera shakes',
    filter: "crop=iw-16:ih-16:'8+5*sin(2*PI*1.3*t)':'8+4*sin(2*PI*1.9*t)'",
  },
  { name: 'half as large', filter: 'pad=2*iw:2*ih:iw/2:ih/2:color=0x606060' },
  { name: 'night switch', filter: "hue=s='if(lt(t,13),1,0)',eq=gamma='if(lt(t,13),1,0.6)':eval=frame" },
  { name: 'black for a second, every five', filter: "drawbox=t=fill:color=black:enable='lt(mod(t+2,5),1)'" },
  { name: 'twice as slow', slower: 2 },
  { name: 'twice as fast', slower: 0.5 },
  { name: 'twice', times: 2 },
]

/** What nobody is in, made of one picture. */
export const STILLS: readonly Alteration[] = [
  { name: 'still' },
  { name: 'noise', filter: 'noise=alls=18:allf=t' },
  { name: 'strong noise', filter: 'eq=gamma=0.5,hue=s=0,noise=alls=34:allf=t' },
  { name: 'dims and brightens', filter: "eq=brightness='0.18*sin(2*PI*t/20)':eval=frame" },
  { name: 'a lamp flickers', filter: "eq=brightness='0.08*sin(2*PI*2.3*t)':eval=frame" },
  {
    name: 'night switch',
    filter: "hue=s='if(lt(mod(t,20),10),1,0)',eq=gamma='if(lt(mod(t,20),10),1,0.5)':eval=frame",
  },
  { name: 'the camera shakes', filter: "crop=iw-16:ih-16:'8+5*sin(2*PI*1.3*t)':'8+4*sin(2*PI*1.9*t)'" },
  {
    name: 'fog comes and goes',
    filter:
      "eq=contrast='0.6+0.4*cos(2*PI*t/30)':brightness='0.15-0.15*cos(2*PI*t/30)':eval=frame,noise=alls=8:allf=t",
  },
]

/**
 * The picture of a clip without whoever walks through it: the median of its frames, as a file that lasts.
 * @param seconds how long
 * @throws Error when ffmpeg can't
 */
export async function emptyScene(
  ffmpeg: string,
  clip: string,
  { out, seconds, fps, every }: { out: string; seconds: number; fps: number; every: number },
): Promise<void> {
  const filter = `select='not(mod(n,${every}))',tmedian=radius=63,select='eq(n,0)',loop=loop=${seconds * fps - 1}:size=1,setpts=N/${fps}/TB`
  const child = spawn(
    ffmpeg,
    ['-v', 'error', '-y', '-i', clip, '-vf', filter, '-r', String(fps), '-crf', '12', out],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`)
}
