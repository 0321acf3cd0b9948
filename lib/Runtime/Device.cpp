//===- Device.cpp - Devices by name -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Context.h"

namespace tg::rt {

bool DeviceRegistry::add(std::shared_ptr<Device> device) {
  std::lock_guard<std::mutex> lock(mutex);
  std::string name = device->name();
  return devices.emplace(std::move(name), std::move(device)).second;
}

Result<std::shared_ptr<Device>> DeviceRegistry::get(const std::string &name) const {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = devices.find(name);
  if (found != devices.end())
    return found->second;
  std::string known;
  for (const auto &entry : devices)
    known += (known.empty() ? "" : ", ") + entry.first;
  return error("unknown device '" + name + "'; there are: " + known);
}

std::vector<std::string> DeviceRegistry::names() const {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<std::string> result;
  for (const auto &entry : devices)
    result.push_back(entry.first);
  return result;
}

std::shared_ptr<Runtime> Runtime::create() {
  auto runtime = std::make_shared<Runtime>();
  runtime->devices.add(createCpuDevice());
  return runtime;
}

} // namespace tg::rt
