// The only account of the demo. A demo has no secrets: neither this password nor the comparison is for real use.

export const DEMO_USER = 'demo';
export const DEMO_PASSWORD = 'demo';

export function isDemoLogin(user: string, password: string): boolean {
  return user === DEMO_USER && password === DEMO_PASSWORD;
}
