package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// guestInfo is what VMware Tools reports, or what vCenter shows in its place while they do not.
func (d *draft) guestInfo(m *machineDevices) *types.GuestInfo {
	info := &types.GuestInfo{
		ToolsStatus: types.VirtualMachineToolsStatus(d.tools.status), ToolsRunningStatus: d.tools.running,
		ToolsVersionStatus: strings.Replace(d.tools.version, "SupportedOld", "NeedUpgrade", 1), ToolsVersionStatus2: d.tools.version,
		ToolsVersion: d.tools.number, GuestState: "notRunning", AppHeartbeatStatus: "appStatusGray", HwVersion: fmt.Sprintf("vmx-%d", d.hardware),
		GuestOperationsReady: ptr(false), InteractiveGuestOperationsReady: ptr(false), GuestStateChangeSupported: ptr(d.reports()),
	}
	if d.tools.status == toolsAbsent.status {
		return info
	}
	info.ToolsInstallType = "guestToolsTypeMSI"
	if !d.guest.windows {
		info.ToolsInstallType = "guestToolsTypeOpenVMTools"
	}
	// These stay as Tools last reported them, also while the VM is off.
	info.HostName = d.hostName()
	info.GuestId = d.guest.id
	info.GuestFullName = d.guest.tools
	info.GuestFamily = "linuxGuest"
	if d.guest.windows {
		info.GuestFamily = "windowsGuest"
	}
	if !d.reports() {
		return info
	}
	info.GuestState = "running"
	info.GuestOperationsReady = ptr(true)
	info.AppHeartbeatStatus = "appStatusGreen"
	d.guestDisks(info, m)
	if !d.noNetwork {
		d.guestNetwork(info)
	}
	return info
}

// reports tells whether VMware Tools runs now.
func (d *draft) reports() bool {
	return d.running() && d.connection == types.VirtualMachineConnectionStateConnected && d.tools.running != "guestToolsNotRunning"
}

func (d *draft) hostName() string {
	if d.hostname != nil {
		return *d.hostname
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 32
		}
		return '-'
	}, d.name)
	if len(plain) > 40 {
		plain = plain[:40]
	}
	return strings.Trim(plain, "-") + ".example.com"
}

func (d *draft) guestDisks(info *types.GuestInfo, m *machineDevices) {
	partitions := d.partitions
	if partitions == nil {
		partitions = d.defaultPartitions()
	}
	for _, partition := range partitions {
		disk := types.GuestDiskInfo{
			DiskPath: partition.path, Capacity: partition.bytes, FreeSpace: partition.free, FilesystemType: partition.filesystem,
		}
		for _, place := range partition.disks {
			disk.Mappings = append(disk.Mappings, types.GuestInfoVirtualDiskMapping{Key: m.keyOf[place]})
		}
		info.Disk = append(info.Disk, disk)
	}
}

func (d *draft) guestNetwork(info *types.GuestInfo) {
	hostname, domain, _ := strings.Cut(info.HostName, ".")
	dns := &types.NetDnsConfigInfo{HostName: hostname, DomainName: domain, IpAddress: []string{"10.0.0.53", "10.0.1.53"}, SearchDomain: []string{"example.com"}}
	stack := types.GuestStackInfo{DnsConfig: dns, IpRouteConfig: &types.NetIpRouteConfigInfo{}}
	for i := range d.nics {
		nic := &d.nics[i]
		card := types.GuestNicInfo{
			Network: nic.network, MacAddress: d.mac(i), Connected: !nic.disconnected, DeviceConfigId: int32(4000 + i),
			DnsConfig: &types.NetDnsConfigInfo{Dhcp: nic.dhcp, IpAddress: dns.IpAddress},
		}
		if nic.disconnected {
			card.IpAddress = []string{}
			info.Net = append(info.Net, card)
			continue
		}
		addresses := nic.addresses
		if addresses == nil {
			addresses = []string{
				fmt.Sprintf("10.%d.%d.%d/24", 100+i+20*int(d.w.seed%5), d.number/240%256, 10+d.number%240),
				fmt.Sprintf("fe80::250:56ff:fe%02x:%x/64", 0x80|d.number>>16&0x3f, d.number+1),
			}
			if d.number%4 == 0 {
				addresses = append(addresses, fmt.Sprintf("2001:db8:%x::%x/64", 110+i, d.number+16))
			}
		}
		config := &types.NetIpConfigInfo{}
		for _, text := range addresses {
			prefix := netip.MustParsePrefix(text)
			origin := "manual"
			switch {
			case nic.dhcp && prefix.Addr().Is4():
				origin = "dhcp"
			case prefix.Addr().IsLinkLocalUnicast():
				origin = "linklayer"
			case !d.guest.windows && prefix.Addr().Is4():
				origin = "" // Tools for Linux names no origin in many releases
			}
			config.IpAddress = append(config.IpAddress, types.NetIpConfigInfoIpAddress{
				IpAddress: prefix.Addr().String(), PrefixLength: int32(prefix.Bits()), Origin: origin, State: "preferred",
			})
			card.IpAddress = append(card.IpAddress, prefix.Addr().String())
			if prefix.Addr().Is4() {
				stack.IpRouteConfig.IpRoute = append(stack.IpRouteConfig.IpRoute, route(prefix.Masked().String(), "", i))
				if info.IpAddress == "" {
					info.IpAddress = prefix.Addr().String()
					gateway := prefix.Masked().Addr().Next().String()
					stack.IpRouteConfig.IpRoute = append(stack.IpRouteConfig.IpRoute, route("0.0.0.0/0", gateway, i))
				}
			}
		}
		if nic.dhcp {
			config.Dhcp = &types.NetDhcpConfigInfo{Ipv4: &types.NetDhcpConfigInfoDhcpOptions{Enable: true}}
		}
		card.IpConfig = config
		info.Net = append(info.Net, card)
	}
	info.IpStack = []types.GuestStackInfo{stack}
}

func route(network, gateway string, nic int) types.NetIpRouteConfigInfoIpRoute {
	prefix := netip.MustParsePrefix(network)
	return types.NetIpRouteConfigInfoIpRoute{
		Network: prefix.Addr().String(), PrefixLength: int32(prefix.Bits()),
		Gateway: types.NetIpRouteConfigInfoGateway{IpAddress: gateway, Device: fmt.Sprint(nic)},
	}
}
