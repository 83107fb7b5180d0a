import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface RtspCameraOptions {
  ffmpeg: string
  /** `320x180`. */
  size?: string
  fps?: number
  /** Refuses media within the connection, as some cameras do. */
  isUdpOnly?: boolean
  /** What becomes of the packets of UDP on their way: they may be lost, come twice or in another order. */
  onTheWay?: (packets: Buffer[]) => Buffer[]
  /** The status of each DESCRIBE; 200 unless told. */
  describe?: () => number
}

/** A camera that speaks RTSP: a real encoder, whose packets go to whoever plays, within the connection or over UDP. */
export interface RtspCamera {
  readonly url: string
  /** Connections of all its life. */
  readonly connections: number
  /** SETUPs by what they asked for. */
  readonly setUps: { tcp: number; udp: number }
  /** At once, as when somebody pulls the plug. */
  kill(): Promise<void>
  /** On the same port, perhaps with another size. */
  start(size?: string): Promise<void>
}

interface Player {
  socket: Socket
  channel?: number
  udp?: { rtp: UdpSocket; rtcp: UdpSocket; ports: [number, number] }
  isPlaying: boolean
}

export async function startRtspCamera(
  t: Pick<Test, 'teardown'>,
  options: RtspCameraOptions,
): Promise<RtspCamera> {
  const {
    ffmpeg,
    fps = 25,
    isUdpOnly = false,
    describe = () => 200,
    onTheWay = (packets) => packets,
  } = options
  const setUps = { tcp: 0, udp: 0 }
  const players = new Set<Player>()
  let connections = 0
  let port = 0
  let running: { server: Server; encoder: ChildProcess; packets: UdpSocket } | undefined

  async function start(size = options.size ?? '320x180'): Promise<void> {
    const packets = createSocket('udp4')
    packets.bind(0, '127.0.0.1')
    await once(packets, 'listening')
    const target = `rtp://127.0.0.1:${packets.address().port}?pkt_size=1200`
    const picture = ['-re', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${fps}`, '-pix_fmt', 'yuv420p']
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '12', '-bf', '0']
    const encoder = spawn(ffmpeg, ['-v', 'error', ...picture, ...codec, '-f', 'rtp', target], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const sdp = await firstOutput(encoder)
    packets.on('message', (packet) => deliver(packet))
    const server = createServer((socket) => {
      connections++
      const player: Player = { socket, isPlaying: false }
      players.add(player)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        players.delete(player)
        player.udp?.rtp.close()
        player.udp?.rtcp.close()
      })
      serve(player, sdp)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    port = (server.address() as AddressInfo).port
    running = { server, encoder, packets }
  }

  function deliver(packet: Buffer): void {
    for (const { socket, channel, udp, isPlaying } of players) {
      if (!isPlaying) continue
      if (udp) for (const each of onTheWay([packet])) udp.rtp.send(each, udp.ports[0], '127.0.0.1')
      else if (channel !== undefined && socket.writableLength < 1e6) {
        const head = Buffer.from([0x24, channel, 0, 0])
        head.writeUInt16BE(packet.length, 2)
        socket.write(Buffer.concat([head, packet]))
      }
    }
  }

  function serve(player: Player, sdp: string): void {
    let rest = Buffer.alloc(0)
    player.socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (;;) {
        if (rest[0] === 0x24) {
          if (rest.length < 4 || rest.length < 4 + rest.readUInt16BE(2)) return
          rest = rest.subarray(4 + rest.readUInt16BE(2))
          continue
        }
        const end = rest.indexOf('\r\n\r\n')
        if (end < 0) return
        const head = rest.toString('latin1', 0, end)
        rest = rest.subarray(end + 4)
        void answer(player, head, sdp)
      }
    })
  }

  async function answer(player: Player, head: string, sdp: string): Promise<void> {
    const [method = '', url = ''] = head.split(' ')
    const cseq = /CSeq: (\d+)/i.exec(head)?.[1] ?? '0'
    const transport = /^Transport: (.*)$/im.exec(head)?.[1] ?? ''
    const reply = (status: string, headers: string[] = [], body = '') => {
      const all = [`CSeq: ${cseq}`, 'Session: 1;timeout=60', ...headers]
      if (body !== '') all.push('Content-Type: application/sdp', `Content-Length: ${body.length}`)
      if (!player.socket.destroyed) player.socket.write([`RTSP/1.0 ${status}`, ...all, '', body].join('\r\n'))
    }
    switch (method) {
      case 'DESCRIBE': {
        const status = describe()
        return status === 200
          ? reply('200 OK', [`Content-Base: ${url}/`], `${sdp}a=control:streamid=0\r\n`)
          : reply(`${status} Not Now`)
      }
      case 'SETUP': {
        const isTcp = /TCP/i.test(transport)
        setUps[isTcp ? 'tcp' : 'udp']++
        if (isTcp && isUdpOnly) return reply('461 Unsupported Transport')
        if (isTcp) {
          player.channel = Number(/interleaved=(\d+)/.exec(transport)?.[1])
          return reply('200 OK', [`Transport: ${transport}`])
        }
        const [, rtp, rtcp] = /client_port=(\d+)-(\d+)/.exec(transport) ?? []
        const [own, control] = [createSocket('udp4'), createSocket('udp4')]
        for (const socket of [own, control]) {
          socket.on('message', () => undefined)
          socket.bind(0, '127.0.0.1')
          await once(socket, 'listening')
        }
        player.udp = { rtp: own, rtcp: control, ports: [Number(rtp), Number(rtcp)] }
        return reply('200 OK', [
          `Transport: ${transport};server_port=${own.address().port}-${control.address().port}`,
        ])
      }
      case 'PLAY':
        player.isPlaying = true
        return reply('200 OK')
      default:
        return reply('200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER'])
    }
  }

  async function kill(): Promise<void> {
    if (!running) return
    const { server, encoder, packets } = running
    running = undefined
    encoder.kill('SIGKILL')
    packets.close()
    for (const { socket } of players) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }

  t.teardown(kill)
  await start()
  return {
    get url() {
      return `rtsp://127.0.0.1:${port}/cam`
    },
    get connections() {
      return connections
    },
    setUps,
    kill,
    start,
  }
}

/** The description of what it sends, which ffmpeg prints before anything else. */
async function firstOutput(encoder: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of encoder.stdout!) {
    text += part
    if (/a=fmtp[^\n]*\n/.test(text)) break
  }
  const sdp = text.slice(text.indexOf('v=0')).trim().split(/\r?\n/)
  return `${sdp.map((line) => (line.startsWith('m=') ? line.replace(/ \d+ /, ' 0 ') : line)).join('\r\n')}\r\n`
}
