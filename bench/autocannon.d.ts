/** The little of autocannon that is used; it comes without types. */
declare module 'autocannon' {
  type Request = { method: 'GET'; path: string; headers: Record<string, string> }
  export type Client = {
    setRequests(requests: Request[]): void
    on(event: 'response', listener: (status: number) => void): void
  }
  type Options = {
    url: string
    connections: number
    /** requests in all */
    amount: number
    /** seconds */
    timeout: number
    setupClient: (client: Client) => void
  }
  type Result = { '2xx': number; non2xx: number; errors: number; timeouts: number }
  export default function autocannon(options: Options): Promise<Result>
}
