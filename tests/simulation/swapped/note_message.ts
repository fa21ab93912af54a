/** What phones are told to fetch anew has nothing to do with delivery. */
export function noteMessage(): void {}
