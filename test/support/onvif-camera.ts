import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

const GROUP = '239.255.255.250'
const PORT = 3702
const ENVELOPE =
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'

export interface OnvifCameraOptions {
  user?: string
  password?: string
  /** Other answers to a probe than the right one. */
  answers?: (relatesTo: string, address: string) => string[]
}

export interface OnvifCamera {
  /** Of its device service. */
  address: string
  /** SOAP actions that it was asked for. */
  asked: string[]
}

/** A camera that answers WS-Discovery on loopback, and SOAP with the users of ONVIF: two profiles and a snapshot. */
export async function startOnvifCamera(
  t: Pick<Test, 'teardown'>,
  { user, password = '', answers }: OnvifCameraOptions = {},
): Promise<OnvifCamera> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += part))
    request.on('end', () => {
      const action = /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? ''
      asked.push(action)
      const needsUser = user !== undefined && action !== 'GetSystemDateAndTime'
      const isAllowed = !needsUser || hasUser(body, user, password)
      const inner = isAllowed ? soap(action, address) : undefined
      response.writeHead(inner === undefined ? 400 : 200, { 'content-type': 'application/soap+xml' })
      response.end(envelope(inner ?? fault(isAllowed ? 'ActionNotSupported' : 'NotAuthorized')))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/onvif/device_service`
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.bind(PORT)
  await once(socket, 'listening')
  socket.addMembership(GROUP, '127.0.0.1')
  socket.on('message', (probe, from) => {
    const id = /MessageID[^>]*>([^<]+)</.exec(String(probe))?.[1] ?? ''
    for (const answer of answers?.(id, address) ?? [match(id, address)])
      socket.send(answer, from.port, from.address)
  })
  t.teardown(() => {
    socket.close()
    server.closeAllConnections()
    server.close()
  })
  return { address, asked }
}

/** The answer to a probe. */
export function match(relatesTo: string, address: string, name = 'Front%20yard'): string {
  const scopes = `onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/${name} onvif://www.onvif.org/hardware/X1000`
  return envelope(
    `<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:${name}</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${scopes}</d:Scopes><d:XAddrs>http://192.0.2.7/onvif/device_service ${address}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>`,
    `<a:RelatesTo>${relatesTo}</a:RelatesTo>`,
  )
}

function envelope(body: string, header = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${ENVELOPE}><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
}

function fault(code: string): string {
  return `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:${code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">${code}</s:Text></s:Reason></s:Fault>`
}

/** WS-Security with a digest of the password (Web Services Security UsernameToken Profile 1.0). */
function hasUser(body: string, user: string, password: string): boolean {
  const given = (name: string) => new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(body)?.[1] ?? ''
  const digest = createHash('sha1')
    .update(Buffer.concat([Buffer.from(given('Nonce'), 'base64'), Buffer.from(given('Created') + password)]))
    .digest('base64')
  return given('Username') === user && given('Password') === digest
}

function soap(action: string, address: string): string | undefined {
  const profile = (token: string, name: string, [width, height, fps, kbits]: number[]) =>
    `<trt:Profiles token="${token}" fixed="true"><tt:Name>${name}</tt:Name><tt:VideoSourceConfiguration token="v"><tt:SourceToken>v0</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="e${token}"><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>${kbits}</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>`
  switch (action) {
    case 'GetSystemDateAndTime':
      return '<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>'
    case 'GetServices':
      return `<tds:GetServicesResponse>${['device', 'media'].map((name) => `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/${name}/wsdl</tds:Namespace><tds:XAddr>${address}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>0</tt:Minor></tds:Version></tds:Service>`).join('')}</tds:GetServicesResponse>`
    case 'GetProfiles':
      return `<trt:GetProfilesResponse>${profile('sub', 'Sub', [640, 360, 10, 512])}${profile('main', 'Main', [2560, 1440, 25, 6144])}</trt:GetProfilesResponse>`
    case 'GetVideoSources':
      return '<trt:GetVideoSourcesResponse><trt:VideoSources token="v0"><tt:Framerate>25</tt:Framerate><tt:Resolution><tt:Width>2560</tt:Width><tt:Height>1440</tt:Height></tt:Resolution></trt:VideoSources></trt:GetVideoSourcesResponse>'
    case 'GetDeviceInformation':
      return '<tds:GetDeviceInformationResponse><tds:Manufacturer>Acme</tds:Manufacturer><tds:Model>X1000</tds:Model><tds:FirmwareVersion>1.2</tds:FirmwareVersion><tds:SerialNumber>7</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>'
    case 'GetStreamUri':
      return '<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://admin:pa55@127.0.0.1:554/live?channel=1</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>'
    case 'GetSnapshotUri':
      return '<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>http://127.0.0.1/snap.jpg</tt:Uri></trt:MediaUri></trt:GetSnapshotUriResponse>'
    default:
      return undefined
  }
}
