/**
 * Log lines of a container that is no Lambda function: nginx's access log and a Java service's, with stack traces. One
 * line in a hundred has characters beyond ASCII.
 */

export const TEXT_GROUP = "/ecs/orders";

const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
  "ELB-HealthChecker/2.0",
  "okhttp/4.12.0",
];
const PATHS = ["/api/orders", "/api/customers", "/api/products", "/api/baskets", "/static/app.js", "/healthz"];
const CLASSES = ["OrderService", "OrderController", "PaymentClient", "BasketRepository", "KafkaPublisher"];
const NAMES = ["Zoë Müller", "João da Conceição", "Łukasz Żółć", "山田 太郎", "Ирина Петрова"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * @param {import("../random.mjs").Random} random
 * @param {{nowMs: number}} clock moves on as lines are written
 * @param {{messageBytes?: number}} shape `messageBytes`: every message has exactly this many bytes
 */
export function* textLines(random, clock, { messageBytes }) {
  for (;;) {
    clock.nowMs += random.chance(60) ? 0 : random.between(1, 25);
    yield { message: messageBytes ? sized(random, clock, messageBytes) : aLine(random, clock) };
  }
}

function aLine(random, clock) {
  if (random.chance(1)) return logback(random, clock, `customer ${random.pick(NAMES)} changed the delivery address`);
  if (random.chance(55)) return nginx(random, clock);
  if (random.chance(4)) return logback(random, clock, stack(random), "ERROR");
  return logback(random, clock, sentence(random), random.chance(95) ? " INFO" : " WARN");
}

/** ASCII alone, so that a character is a byte. */
function sized(random, clock, bytes) {
  let message = logback(random, clock, sentence(random));
  while (message.length < bytes) message += `; ${sentence(random)}`;
  return message.slice(0, bytes);
}

function nginx(random, { nowMs }) {
  const time = new Date(nowMs);
  const day = String(time.getUTCDate()).padStart(2, "0");
  const stamp = `${day}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}:${time.toISOString().slice(11, 19)} +0000`;
  const address = `10.${random.between(0, 3)}.${random.between(0, 255)}.${random.between(1, 254)}`;
  const path = `${random.pick(PATHS)}/${random.between(1_000, 99_999)}`;
  const status = random.chance(94) ? 200 : random.pick([304, 404, 499, 502]);
  const seconds = `0.${String(random.between(1, 400)).padStart(3, "0")}`;
  return `${address} - - [${stamp}] "${random.chance(80) ? "GET" : "POST"} ${path} HTTP/1.1" ${status} ${random.between(120, 40_000)} "https://shop.example.com/" "${random.pick(AGENTS)}" rt=${seconds}`;
}

function logback(random, { nowMs }, text, level = " INFO") {
  const time = new Date(nowMs).toISOString().replace("T", " ").slice(0, 23);
  return `${time} ${level} 1 --- [nio-8080-exec-${random.between(1, 24)}] c.example.orders.${random.pick(CLASSES)} : ${text}`;
}

function sentence(random) {
  switch (random.between(1, 4)) {
    case 1:
      return `order ${random.between(1_000_000, 9_999_999)} saved in ${random.between(1, 80)} ms`;
    case 2:
      return `payment p-${random.between(1_000_000, 9_999_999)} authorised, amount=${random.between(2, 90)}.${random.between(10, 99)} EUR`;
    case 3:
      return `published OrderPlaced key=${random.between(10_000, 99_999)} partition=${random.between(0, 11)} offset=${random.between(1_000_000, 9_999_999)}`;
    default:
      return `GET inventory/stock/${random.between(1_000, 9_999)} answered 200 in ${random.between(2, 120)} ms`;
  }
}

function stack(random) {
  return [
    `order ${random.between(1_000_000, 9_999_999)} failed`,
    "java.util.concurrent.TimeoutException: inventory did not answer within 2000 ms",
    `\tat com.example.orders.InventoryClient.stock(InventoryClient.java:${random.between(40, 99)})`,
    "\tat com.example.orders.OrderService.place(OrderService.java:112)",
    "\tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)",
    "\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)",
    "\t... 31 more",
  ].join("\n");
}
