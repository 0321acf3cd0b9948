//===- Coefficients.h - Minimax polynomials and 2/pi ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Made by benchmarks/ulp/minimax.py; do not edit. Coefficients stand lowest power first.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_COEFFICIENTS_H
#define TG_GRAPH_DECOMPOSE_COEFFICIENTS_H

#include <cstdint>

namespace tg::math {

template <class T> struct Coefficients;
template <class T> inline constexpr uint64_t TwoOverPi[1] = {0};

template <> struct Coefficients<float> {
  /// e^r = 1 + r + r^2 P(r), |r| <= ln2/2; fit error 2^-27.8.
  static constexpr float Exp[] = {0x1.000000p-1f, 0x1.555492p-3f, 0x1.555462p-5f, 0x1.123a30p-7f,
                                  0x1.6db1e2p-10f};
  /// e^r - 1 = r + r^2 P(r) to relative accuracy, |r| <= ln2/2; fit error 2^-28.7.
  static constexpr float Expm1[] = {0x1.000000p-1f, 0x1.555556p-3f,  0x1.5554b6p-5f,
                                    0x1.111092p-7f, 0x1.6d6e1cp-10f, 0x1.a19dfap-13f};
  /// 2^r = 1 + r P(r), |r| <= 1/2; fit error 2^-26.0.
  static constexpr float Exp2[] = {0x1.62e430p-1f, 0x1.ebfbe0p-3f,  0x1.c6aee0p-5f,
                                   0x1.3b29aep-7f, 0x1.5f4222p-10f, 0x1.448d60p-13f};
  /// log(1 + f) = f + f^2 (-1/2 + f P(f)), 1 + f in [sqrt(1/2), sqrt(2)]; fit error 2^-27.1.
  static constexpr float Log[] = {0x1.55554ap-2f, -0x1.000204p-2f, 0x1.99a580p-3f, -0x1.547ee2p-3f,
                                  0x1.227226p-3f, -0x1.0cabd0p-3f, 0x1.07a9eep-3f, -0x1.429d62p-4f};
  /// log2(1 + f) = f log2(e) + f^2 P(f), 1 + f in [sqrt(1/2), sqrt(2)]; fit error 2^-27.1.
  static constexpr float Log2[] = {-0x1.715476p-1f, 0x1.ec708ap-2f, -0x1.715466p-2f, 0x1.277eb6p-2f,
                                   -0x1.ec8480p-3f, 0x1.a42d92p-3f, -0x1.6dee40p-3f, 0x1.5e5daep-3f,
                                   -0x1.5c16ccp-3f, 0x1.99df98p-4f};
  /// log2((1 + s)/(1 - s)) = s (C0 + z (C1 + z P(z))), z = s^2, C0 = 2 log2(e), C1 = C0/3; fit
  /// error 2^-22.1.
  static constexpr float PowLog2[] = {0x1.2776ccp-1f, 0x1.a5f4e6p-2f, 0x1.54788ep-2f};
  /// sin(r) = r + r z P(z), z = r^2, |r| <= pi/4; fit error 2^-32.5.
  static constexpr float Sin[] = {-0x1.555556p-3f, 0x1.111176p-7f, -0x1.a05ba4p-13f,
                                  0x1.7ccea8p-19f};
  /// cos(r) = 1 - z/2 + z^2 P(z), z = r^2, |r| <= pi/4; fit error 2^-33.1.
  static constexpr float Cos[] = {0x1.55554ap-5f, -0x1.6c0c16p-10f, 0x1.99df2ap-16f};
  /// atan(t) = t + t z P(z), z = t^2, |t| <= tan(pi/8); fit error 2^-30.4.
  static constexpr float Atan[] = {-0x1.55554ap-2f, 0x1.9991e8p-3f, -0x1.23ba3ap-3f, 0x1.b22db4p-4f,
                                   -0x1.f3146ep-5f};
  /// asin(t) = t + t z P(z), z = t^2, |t| <= 1/2; fit error 2^-27.6.
  static constexpr float Asin[] = {0x1.5555c6p-3f, 0x1.33026cp-4f, 0x1.74748ap-5f, 0x1.8c7312p-6f,
                                   0x1.5939bcp-5f};
  /// erf(x) = x + x P(z), z = x^2, |x| <= 1; fit error 2^-29.5.
  static constexpr float ErfSmall[] = {0x1.06eba8p-3f,  -0x1.812740p-2f, 0x1.ce2d50p-4f,
                                       -0x1.b7fe90p-6f, 0x1.542e0ep-8f,  -0x1.a50ae8p-11f,
                                       0x1.4c339ep-14f};
  /// erf(x) = 1 - exp(P(x - 1.0)), 1 <= x <= 4; fit error 2^-26.9.
  static constexpr float ErfTail[] = {-0x1.d97fc0p+0f, -0x1.51c9b0p+1f, -0x1.afabc2p-1f,
                                      -0x1.547a96p-5f, 0x1.491ca8p-7f,  -0x1.074820p-9f,
                                      0x1.2da606p-12f, -0x1.65415cp-16f};
};

template <> struct Coefficients<double> {
  /// e^r = 1 + r + r^2 P(r), |r| <= ln2/2; fit error 2^-57.5.
  static constexpr double Exp[] = {
      0x1.0000000000009p-1,  0x1.5555555555560p-3,  0x1.5555555550a50p-5,  0x1.111111110da23p-7,
      0x1.6c16c183e5c11p-10, 0x1.a01a01b9bde7dp-13, 0x1.a0199a8a4a43bp-16, 0x1.71dde20a4b1e1p-19,
      0x1.28ad250500042p-22, 0x1.af825e178c3fap-26};
  /// e^r - 1 = r + r^2 P(r) to relative accuracy, |r| <= ln2/2; fit error 2^-58.8.
  static constexpr double Expm1[] = {
      0x1.0000000000000p-1,  0x1.5555555555559p-3,  0x1.555555555555ap-5,  0x1.111111110f851p-7,
      0x1.6c16c16c146a3p-10, 0x1.a01a01af52daap-13, 0x1.a01a01b029a43p-16, 0x1.71ddf99e1dcbbp-19,
      0x1.27e4c6949ac7bp-22, 0x1.af5cb48e653fep-26, 0x1.1f942a4faf653p-29};
  /// 2^r = 1 + r P(r), |r| <= 1/2; fit error 2^-55.7.
  static constexpr double Exp2[] = {
      0x1.62e42fefa39efp-1,  0x1.ebfbdff82c5a3p-3,  0x1.c6b08d704a0d5p-5,  0x1.3b2ab6fba02b3p-7,
      0x1.5d87fe78a11f8p-10, 0x1.4309130ea2394p-13, 0x1.ffcbfc7b65910p-17, 0x1.62bfc7f862802p-20,
      0x1.b524cf641c413p-24, 0x1.e61aec1f2ebd6p-28, 0x1.ea16731396bc0p-32};
  /// log(1 + f) = f + f^2 (-1/2 + f P(f)), 1 + f in [sqrt(1/2), sqrt(2)]; fit error 2^-57.4.
  static constexpr double Log[] = {
      0x1.555555555555fp-2, -0x1.fffffffffff63p-3, 0x1.99999999966dfp-3, -0x1.555555555f0f6p-3,
      0x1.24924926ba594p-3, -0x1.fffffffb2acb3p-4, 0x1.c71c707331f62p-4, -0x1.999999710127ap-4,
      0x1.745d5009affeap-4, -0x1.55559195e044ap-4, 0x1.3b0e2e6a91436p-4, -0x1.2487f4458d101p-4,
      0x1.11608e61753b8p-4, -0x1.00d8348eb8e5bp-4, 0x1.dd349dcb5e3ecp-5, -0x1.b44e81e9da2bcp-5,
      0x1.b8c991c61db04p-5, -0x1.004041bfbc543p-4, 0x1.d894f60a401b1p-5, -0x1.99f45d6c5c246p-6};
  /// log2(1 + f) = f log2(e) + f^2 P(f), 1 + f in [sqrt(1/2), sqrt(2)]; fit error 2^-58.6.
  static constexpr double Log2[] = {
      -0x1.71547652b82fep-1, 0x1.ec709dc3a0400p-2, -0x1.71547652b8398p-2, 0x1.2776c50ef9735p-2,
      -0x1.ec709dc38d175p-3, 0x1.a61762a7fdb87p-3, -0x1.7154765b0a619p-3, 0x1.484b13c6d0038p-3,
      -0x1.2776c31c3af63p-3, 0x1.0c9a85bdbdd49p-3, -0x1.ec7128068ef3dp-4, 0x1.c68f9c958ac7cp-4,
      -0x1.a60ba7770afe6p-4, 0x1.89e32254d3c24p-4, -0x1.71ed9e7238fedp-4, 0x1.5cf9069d2e86ep-4,
      -0x1.4415497698f47p-4, 0x1.284c1953e8d18p-4, -0x1.3083228d36187p-4, 0x1.667f141a47b25p-4,
      -0x1.459d6676383c0p-4, 0x1.128bb5947361dp-5};
  /// log2((1 + s)/(1 - s)) = s (C0 + z (C1 + z P(z))), z = s^2, C0 = 2 log2(e), C1 = C0/3; fit
  /// error 2^-54.1.
  static constexpr double PowLog2[] = {
      0x1.2776c50ef9bfep-1, 0x1.a61762a7aeeedp-2, 0x1.484b13d4f36b2p-2,
      0x1.0c9a8791ff092p-2, 0x1.c68c3d94ce20bp-3, 0x1.8ad417ae81edep-3,
      0x1.386eefbb0dea9p-3, 0x1.055e5f85b649cp-1, -0x1.730d81d9668a2p+1};
  /// sin(r) = r + r z P(z), z = r^2, |r| <= pi/4; fit error 2^-63.2.
  static constexpr double Sin[] = {
      -0x1.5555555555555p-3,  0x1.1111111111065p-7,  -0x1.a01a019ffd382p-13, 0x1.71de3a31e9331p-19,
      -0x1.ae6429cddb0b8p-26, 0x1.61080810cb645p-33, -0x1.9f1ba21987512p-41};
  /// cos(r) = 1 - z/2 + z^2 P(z), z = r^2, |r| <= pi/4; fit error 2^-64.0.
  static constexpr double Cos[] = {0x1.555555555554ep-5,  -0x1.6c16c16c155c1p-10,
                                   0x1.a01a019d0e138p-16, -0x1.27e4f8451c05cp-22,
                                   0x1.1eea1030dc9d0p-29, -0x1.8fbfc588d8360p-37};
  /// atan(t) = t + t z P(z), z = t^2, |t| <= tan(pi/8); fit error 2^-64.0.
  static constexpr double Atan[] = {
      -0x1.5555555555555p-2, 0x1.99999999997d0p-3, -0x1.249249247ee7bp-3, 0x1.c71c71bb209bcp-4,
      -0x1.745d153041deap-4, 0x1.3b13775579f9dp-4, -0x1.110ceaef462a7p-4, 0x1.e17a44f040fadp-5,
      -0x1.abade2a52bc5dp-5, 0x1.71a19cc938a63p-5, -0x1.13bb48421b8dbp-5, 0x1.f79eb7193eee6p-7};
  /// asin(t) = t + t z P(z), z = t^2, |t| <= 1/2; fit error 2^-59.8.
  static constexpr double Asin[] = {
      0x1.555555555556fp-3, 0x1.333333332ee04p-4, 0x1.6db6db71964e0p-5, 0x1.f1c71abc60a72p-6,
      0x1.6e8bdb17833fcp-6, 0x1.1c4a2cd706a49p-6, 0x1.ca1a6fd5e824dp-7, 0x1.75abc9f232428p-7,
      0x1.6076bf4f0e91cp-7, 0x1.f0d0961a34336p-9, 0x1.6085433ef0d3ep-6, -0x1.53df78e830f41p-6,
      0x1.0a0ef97090360p-5};
  /// erf(x) = x + x P(z), z = x^2, |x| <= 1; fit error 2^-56.2.
  static constexpr double ErfSmall[] = {
      0x1.06eba8214db69p-3,  -0x1.812746b0379e7p-2,  0x1.ce2f21a042bdep-4,  -0x1.b82ce312889c2p-6,
      0x1.565bcd0e65195p-8,  -0x1.c02db3fef01fap-11, 0x1.f9a326c2d9ef1p-14, -0x1.f4d2562a27900p-17,
      0x1.b9e6518f522e8p-20, -0x1.5f6d9ccdc2a35p-23, 0x1.fc43f12d40b38p-27, -0x1.4e635f70b4fcbp-30,
      0x1.7f17389204c49p-34, -0x1.29e18c7c1c386p-38};
  /// erf(x) = 1 - exp(P(x - 1.0)), 1 <= x <= 6; fit error 2^-57.8.
  static constexpr double ErfTail[] = {
      -0x1.d97fbf27aa2a1p+0,  -0x1.51c9b0006c234p+1,  -0x1.afabc11a29b3bp-1,
      -0x1.5477f09b74dc7p-5,  0x1.48c9d3d077660p-7,   -0x1.033f62ed74679p-9,
      0x1.f1b2d579949d5p-13,  0x1.b8ed8063ae8b3p-16,  -0x1.c7c19908be211p-16,
      0x1.42a712ddfca0ep-17,  -0x1.150bee74702abp-19, 0x1.33050c46b686bp-23,
      0x1.af14e8b64625fp-24,  -0x1.d96aa2e4b2959p-25, 0x1.2058695a8c599p-26,
      -0x1.f08994ea55700p-29, 0x1.39b9bd422e7f1p-31,  -0x1.1e5d990ab3ac3p-34,
      0x1.6647a5aa4312ap-38,  -0x1.12f466916c2ccp-42, 0x1.86245fe8a3db5p-48};
};

/// The binary digits of 2/pi behind 26 zeros, 64 a word.
template <>
inline constexpr uint64_t TwoOverPi<float>[4] = {0x00000028be60db93, 0x91054a7f09d5f47d,
                                                 0x4d377036d8a5664f, 0x10e4107f9458eaf7};

/// The binary digits of 2/pi behind 55 zeros, 64 a word.
template <>
inline constexpr uint64_t TwoOverPi<double>[19] = {
    0x0000000000000145, 0xf306dc9c882a53f8, 0x4eafa3ea69bb81b6, 0xc52b3278872083fc,
    0xa2c757bd778ac36e, 0x48dc74849ba5c00c, 0x925dd413a32439fc, 0x3bd63962534e7dd1,
    0x046bea5d768909d3, 0x38e04d68befc8273, 0x23ac7306a673e939, 0x08bf177bf250763f,
    0xf12fffbc0b301fde, 0x5e2316b414da3eda, 0x6cfd9e4f96136e9e, 0x8c7ecd3cbfd45aea,
    0x4f758fd7cbe2f67a, 0x0e73ef14a525d4d7, 0xf6bf623f1aba10ac};

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_COEFFICIENTS_H
