import { createServer, type Socket } from 'node:net'

/** What a client said to the server, line by line, and the letters that it got through. */
export type SmtpServer = {
  readonly port: number
  readonly lines: string[]
  readonly letters: string[]
  /** what is answered to RCPT TO from now on; 250 takes it */
  answerRecipients: (reply: string) => void
  close: () => Promise<void>
}

/** A mail server on loopback that speaks as much SMTP (RFC 5321) as is needed to take a letter. It offers no TLS. */
export async function smtpServer(): Promise<SmtpServer> {
  const lines: string[] = []
  const letters: string[] = []
  const sockets = new Set<Socket>()
  let recipientReply = '250 2.1.5 fine'
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let isData = false
    let unread = ''
    const answer = (text: string): void => void socket.write(`${text}\r\n`)
    answer('220 test ESMTP')
    socket.on('data', (chunk) => {
      unread += chunk.toString('utf8')
      for (;;) {
        const end = unread.indexOf(isData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const line = unread.slice(0, end)
        unread = unread.slice(end + (isData ? 5 : 2))
        if (isData) {
          letters.push(line)
          isData = false
          answer('250 2.0.0 taken')
          continue
        }
        lines.push(line)
        if (/^DATA/i.test(line)) {
          isData = true
          answer('354 go on')
        } else if (/^RCPT/i.test(line)) answer(recipientReply)
        else if (/^EHLO/i.test(line)) answer('250-test\r\n250 8BITMIME')
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
        else if (/^STARTTLS/i.test(line)) answer('502 5.5.1 not here')
        else answer('250 2.0.0 fine')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    lines,
    letters,
    answerRecipients: (reply) => {
      recipientReply = reply
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
