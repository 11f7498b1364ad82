// Cameras of MULTITRANS that misbehave.
import { playsAsTheTableSays } from './suite.js';

playsAsTheTableSays('multitrans');
