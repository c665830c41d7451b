// Debian 12's Node 18 keeps WebCrypto behind a flag; the two libraries expect it as a global. Import this first.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
