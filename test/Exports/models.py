# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small versions of what people export from PyTorch. export.py uses them; nothing else needs
PyTorch. Each function of MODELS gives the module, two lists of inputs of different sizes, and the
names of the dynamic dimensions by input."""

import math

import torch
import torch.nn.functional as F
from torch import nn

MODELS = {}


def model(function):
    MODELS[function.__name__] = function
    return function


def conv(inputs, outputs, kernel=3, stride=1, groups=1, activation=nn.ReLU):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs), activation())


def images(channels=3, size=32):
    """Inputs of a classifier: one image, and three."""
    return [(torch.randn(n, channels, size, size),) for n in (1, 3)]


class Head(nn.Module):
    def __init__(self, width, classes=10):
        super().__init__()
        self.linear = nn.Linear(width, classes)

    def forward(self, x):
        return self.linear(x.mean((2, 3)))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(conv(inputs, outputs, 3, stride),
                                  nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
                                  nn.BatchNorm2d(outputs))
        self.skip = nn.Identity() if stride == 1 and inputs == outputs else conv(
            inputs, outputs, 1, stride, activation=nn.Identity)

    def forward(self, x):
        return F.relu(self.body(x) + self.skip(x))


@model
def resnet():
    net = nn.Sequential(conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), Residual(8, 8, 1),
                        Residual(8, 16, 2), Residual(16, 24, 2), nn.AdaptiveAvgPool2d(1),
                        nn.Flatten(), nn.Linear(24, 10))
    return net, images(size=64), {"x": {0: "batch"}}


class SqueezeExcite(nn.Module):
    def __init__(self, width, squeezed, activation, gate):
        super().__init__()
        self.body = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(width, squeezed, 1),
                                  activation(), nn.Conv2d(squeezed, width, 1), gate())

    def forward(self, x):
        return x * self.body(x)


class InvertedResidual(nn.Module):
    def __init__(self, inputs, expanded, outputs, kernel, stride, activation, gate):
        super().__init__()
        self.body = nn.Sequential(
            conv(inputs, expanded, 1, activation=activation),
            conv(expanded, expanded, kernel, stride, expanded, activation),
            SqueezeExcite(expanded, max(4, expanded // 4), nn.ReLU, gate),
            conv(expanded, outputs, 1, activation=nn.Identity))
        self.has_skip = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.has_skip else self.body(x)


@model
def mobilenet_v3():
    def block(*sizes):
        return InvertedResidual(*sizes, nn.Hardswish, nn.Hardsigmoid)

    net = nn.Sequential(conv(3, 8, 3, 2, activation=nn.Hardswish), block(8, 16, 8, 3, 1),
                        block(8, 24, 12, 5, 2), block(12, 32, 12, 5, 1),
                        conv(12, 32, 1, activation=nn.Hardswish), nn.AdaptiveAvgPool2d(1),
                        nn.Flatten(), nn.Linear(32, 32), nn.Hardswish(), nn.Dropout(0.2),
                        nn.Linear(32, 10))
    return net, images(), {"x": {0: "batch"}}


@model
def efficientnet():
    def block(*sizes):
        return InvertedResidual(*sizes, nn.SiLU, nn.Sigmoid)

    net = nn.Sequential(conv(3, 8, 3, 2, activation=nn.SiLU), block(8, 8, 8, 3, 1),
                        block(8, 32, 12, 3, 2), block(12, 48, 12, 5, 1),
                        conv(12, 32, 1, activation=nn.SiLU), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                        nn.Dropout(0.2), nn.Linear(32, 10))
    return net, images(), {"x": {0: "batch"}}


class ChannelNorm(nn.LayerNorm):
    """Normalizes the channels of NCHW."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNextBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(),
                                 nn.Linear(4 * width, width))
        self.scale = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + (self.scale * self.mlp(y)).permute(0, 3, 1, 2)


@model
def convnext():
    net = nn.Sequential(nn.Conv2d(3, 8, 4, 4), ChannelNorm(8), ConvNextBlock(8), ChannelNorm(8),
                        nn.Conv2d(8, 16, 2, 2), ConvNextBlock(16), Head(16))
    return net, images(), {"x": {0: "batch"}}


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, mask=None):
        n, length, width = x.shape
        q, k, v = self.qkv(x).reshape(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out(y.transpose(1, 2).reshape(n, length, width))


class PreNormBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), SelfAttention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(),
                                 nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    def __init__(self, width=24, patch=8, size=32):
        super().__init__()
        self.embed = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.position = nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(PreNormBlock(width, 3) for _ in range(2)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x):
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        return self.head(self.norm(self.blocks(x))[:, 0])


@model
def vit():
    return ViT(), images(), {"x": {0: "batch"}}


class WindowAttention(nn.Module):
    """Attention within windows, which every other block shifts by half."""

    def __init__(self, width, heads, window, size, shift):
        super().__init__()
        self.heads, self.window, self.shift = heads, window, shift
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.bias = nn.Parameter(torch.randn((2 * window - 1) ** 2, heads) * 0.1)
        at = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window),
                                        indexing="ij")).flatten(1)
        offset = (at[:, :, None] - at[:, None, :]) + window - 1
        self.register_buffer("index", offset[0] * (2 * window - 1) + offset[1])
        region = torch.zeros(1, size, size, 1)
        if shift:
            for i, rows in enumerate((slice(-window), slice(-window, -shift), slice(-shift, None))):
                for j, columns in enumerate(
                        (slice(-window), slice(-window, -shift), slice(-shift, None))):
                    region[:, rows, columns] = 3 * i + j
        region = self.partition(region).squeeze(-1)
        self.register_buffer(
            "mask", (region[:, None, :] != region[:, :, None]).float() * -100)

    def partition(self, x):
        n, h, w, c = x.shape
        m = self.window
        return x.view(n, h // m, m, w // m, m, c).transpose(2, 3).reshape(-1, m * m, c)

    def forward(self, x):
        n, h, w, c = x.shape
        m = self.window
        if self.shift:
            x = torch.roll(x, (-self.shift, -self.shift), (1, 2))
        windows = self.partition(x)
        q, k, v = self.qkv(windows).reshape(-1, m * m, 3, self.heads,
                                            c // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / math.sqrt(c // self.heads)
        scores = scores + self.bias[self.index].permute(2, 0, 1)
        if self.shift:
            scores = (scores.view(n, -1, self.heads, m * m, m * m)
                      + self.mask[None, :, None]).view(-1, self.heads, m * m, m * m)
        x = self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(-1, m * m, c))
        x = x.view(n, h // m, w // m, m, m, c).transpose(2, 3).reshape(n, h, w, c)
        return torch.roll(x, (self.shift, self.shift), (1, 2)) if self.shift else x


class SwinBlock(nn.Module):
    def __init__(self, width, size, shift):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = WindowAttention(width, 2, 4, size, shift)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(),
                                 nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm, self.reduce = nn.LayerNorm(4 * width), nn.Linear(4 * width, 2 * width, False)

    def forward(self, x):
        parts = [x[:, i::2, j::2] for j in (0, 1) for i in (0, 1)]
        return self.reduce(self.norm(torch.cat(parts, -1)))


class Swin(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.embed = nn.Conv2d(3, width, 4, 4)
        self.blocks = nn.Sequential(SwinBlock(width, 8, 0), SwinBlock(width, 8, 2),
                                    PatchMerging(width), SwinBlock(2 * width, 4, 0))
        self.norm, self.head = nn.LayerNorm(2 * width), nn.Linear(2 * width, 10)

    def forward(self, x):
        x = self.blocks(self.embed(x).permute(0, 2, 3, 1))
        return self.head(self.norm(x).mean((1, 2)))


@model
def swin():
    return Swin(), images(), {"x": {0: "batch"}}


class Bert(nn.Module):
    def __init__(self, words=50, width=24, longest=32):
        super().__init__()
        self.words, self.kinds = nn.Embedding(words, width), nn.Embedding(2, width)
        self.positions, self.norm = nn.Embedding(longest, width), nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList()
        for _ in range(2):
            self.layers.append(nn.ModuleList([
                SelfAttention(width, 2), nn.LayerNorm(width, eps=1e-12),
                nn.Sequential(nn.Linear(width, 48), nn.GELU(), nn.Linear(48, width)),
                nn.LayerNorm(width, eps=1e-12)]))
        self.pooler = nn.Linear(width, width)

    def forward(self, input_ids, attention_mask, token_type_ids):
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        x = self.norm(self.words(input_ids) + self.positions(positions)
                      + self.kinds(token_type_ids))
        mask = (1.0 - attention_mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        for attention, norm1, mlp, norm2 in self.layers:
            x = norm1(x + attention(x, mask))
            x = norm2(x + mlp(x))
        return x, torch.tanh(self.pooler(x[:, 0]))


@model
def bert():
    def inputs(n, length):
        mask = torch.ones(n, length, dtype=torch.int64)
        mask[-1, length // 2:] = 0
        return (torch.randint(0, 50, (n, length)), mask, torch.randint(0, 2, (n, length)))

    axes = {0: "batch", 1: "length"}
    return Bert(), [inputs(1, 6), inputs(2, 11)], {
        "input_ids": axes, "attention_mask": axes, "token_type_ids": axes}


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(1 + 0.1 * torch.randn(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def rotate(x, cos, sin):
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


class LlamaLayer(nn.Module):
    def __init__(self, width, heads, kv_heads):
        super().__init__()
        self.heads, self.kv_heads, self.size = heads, kv_heads, width // heads
        self.q = nn.Linear(width, width, False)
        self.k = nn.Linear(width, kv_heads * self.size, False)
        self.v = nn.Linear(width, kv_heads * self.size, False)
        self.o = nn.Linear(width, width, False)
        self.gate, self.up = nn.Linear(width, 48, False), nn.Linear(width, 48, False)
        self.down = nn.Linear(48, width, False)
        self.norm1, self.norm2 = RMSNorm(width), RMSNorm(width)

    def forward(self, x, cos, sin, mask, past_key, past_value):
        n, length, width = x.shape
        y = self.norm1(x)
        q = self.q(y).view(n, length, self.heads, self.size).transpose(1, 2)
        k = self.k(y).view(n, length, self.kv_heads, self.size).transpose(1, 2)
        v = self.v(y).view(n, length, self.kv_heads, self.size).transpose(1, 2)
        key = torch.cat([past_key, rotate(k, cos, sin)], 2)
        value = torch.cat([past_value, v], 2)
        repeats = self.heads // self.kv_heads
        y = F.scaled_dot_product_attention(
            rotate(q, cos, sin), key.repeat_interleave(repeats, 1),
            value.repeat_interleave(repeats, 1), attn_mask=mask)
        x = x + self.o(y.transpose(1, 2).reshape(n, length, width))
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y)), key, value


class Llama(nn.Module):
    """A decoder with a cache of keys and values: one step takes tokens and the cache so far."""

    def __init__(self, words=50, width=32, heads=4, kv_heads=2):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.layers = nn.ModuleList(LlamaLayer(width, heads, kv_heads) for _ in range(2))
        self.norm, self.head = RMSNorm(width), nn.Linear(width, words, False)
        size = width // heads
        self.register_buffer("rates", 10000.0 ** (-torch.arange(0, size, 2).float() / size))

    def forward(self, tokens, past_key_0, past_value_0, past_key_1, past_value_1):
        past, length = past_key_0.shape[2], tokens.shape[1]
        positions = torch.arange(past, past + length, device=tokens.device)
        angles = torch.outer(positions.float(), self.rates)
        angles = torch.cat([angles, angles], -1)
        mask = torch.arange(past + length, device=tokens.device)[None, :] <= positions[:, None]
        x = self.embed(tokens)
        x, key0, value0 = self.layers[0](x, angles.cos(), angles.sin(), mask, past_key_0,
                                         past_value_0)
        x, key1, value1 = self.layers[1](x, angles.cos(), angles.sin(), mask, past_key_1,
                                         past_value_1)
        return self.head(self.norm(x)), key0, value0, key1, value1


@model
def llama():
    def inputs(n, length, past):
        caches = tuple(torch.randn(n, 2, past, 8) for _ in range(4))
        return (torch.randint(0, 50, (n, length)), *caches)

    cache = {0: "batch", 2: "past"}
    return Llama(), [inputs(2, 5, 3), inputs(1, 2, 9)], {
        "tokens": {0: "batch", 1: "length"}, "past_key_0": cache, "past_value_0": cache,
        "past_key_1": cache, "past_value_1": cache}


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2 = self.twice(1, 8), self.twice(8, 16)
        self.middle = self.twice(16, 24)
        self.grow2, self.up2 = nn.ConvTranspose2d(24, 16, 2, 2), self.twice(32, 16)
        self.up1, self.out = self.twice(24, 8), nn.Conv2d(8, 2, 1)

    @staticmethod
    def twice(inputs, outputs):
        return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(4, outputs),
                             nn.SiLU(), conv(outputs, outputs))

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        c = self.middle(F.avg_pool2d(b, 2))
        c = self.up2(torch.cat([b, self.grow2(c)], 1))
        c = F.interpolate(c, scale_factor=2, mode="bilinear", align_corners=False)
        return self.out(self.up1(torch.cat([a, c], 1)))


@model
def unet():
    return UNet(), images(1, 16), {"x": {0: "batch"}}


class Recurrent(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell(12, 16, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        y, state = self.cell(x)
        state = state[0] if isinstance(state, tuple) else state
        return self.head(y), state


@model
def lstm():
    return (Recurrent(nn.LSTM), [(torch.randn(1, 7, 12),), (torch.randn(3, 7, 12),)],
            {"x": {0: "batch"}})


@model
def gru():
    return (Recurrent(nn.GRU), [(torch.randn(1, 7, 12),), (torch.randn(3, 7, 12),)],
            {"x": {0: "batch"}})


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1), nn.LeakyReLU(), nn.Conv2d(8, 12, 3, 2, 1), nn.LeakyReLU(),
            nn.Flatten(), nn.Linear(12 * 16, 16))
        self.decoder = nn.Sequential(
            nn.Linear(8, 12 * 16), nn.Unflatten(1, (12, 4, 4)), nn.ConvTranspose2d(12, 8, 4, 2, 1),
            nn.ELU(), nn.ConvTranspose2d(8, 1, 3, 2, 1, output_padding=1), nn.Sigmoid())

    def forward(self, x, noise):
        mean, log_variance = self.encoder(x).chunk(2, 1)
        z = mean + torch.exp(0.5 * log_variance) * noise
        loss = 0.5 * (mean.pow(2) + log_variance.exp() - 1 - log_variance).sum(1)
        return self.decoder(z), loss


@model
def vae():
    return (VAE(), [(torch.rand(n, 1, 16, 16), torch.randn(n, 8)) for n in (1, 4)],
            {"x": {0: "batch"}, "noise": {0: "batch"}})


class Detector(nn.Module):
    """Anchors, decoded boxes, the best by score, and those that no better one covers."""

    def __init__(self, size=8, anchors=3):
        super().__init__()
        self.features = nn.Sequential(conv(3, 8, 3, 2), conv(8, 16, 3, 2))
        self.scores = nn.Conv2d(16, anchors, 3, padding=1)
        self.boxes = nn.Conv2d(16, anchors * 4, 3, padding=1)
        y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
        centers = torch.stack([x, y], -1).reshape(-1, 1, 2).float() * 4 + 2
        sizes = torch.tensor([[4.0, 4], [8, 4], [8, 8]]).expand(size * size, anchors, 2)
        self.register_buffer("anchors", torch.cat(
            [centers.expand(-1, anchors, -1), sizes], -1).reshape(-1, 4))

    def forward(self, image):
        x = self.features(image)
        scores = self.scores(x).permute(0, 2, 3, 1).reshape(-1).sigmoid()
        deltas = self.boxes(x).permute(0, 2, 3, 1).reshape(-1, 4)
        centers = self.anchors[:, :2] + deltas[:, :2] * self.anchors[:, 2:]
        sizes = self.anchors[:, 2:] * deltas[:, 2:].clamp(max=4).exp()
        boxes = torch.cat([centers - sizes / 2, centers + sizes / 2], -1).clamp(0, 32)
        scores, order = scores.topk(24)
        boxes = boxes[order]
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        low = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
        high = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
        common = (high - low).clamp(min=0).prod(-1)
        overlap = common / (areas[:, None] + areas[None, :] - common)
        keep = overlap.triu(1).amax(0) < 0.5
        return boxes[keep], scores[keep], order[keep]


@model
def detector():
    return Detector(), [(torch.randn(1, 3, 32, 32),) for _ in range(2)], {}
