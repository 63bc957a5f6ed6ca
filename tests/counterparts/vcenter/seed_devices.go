package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// keys of devices are where vSphere puts them: the class decides the base, the bus and the unit the rest.
const (
	keyIDE, keyPCI, keyPS2, keySIO = 200, 100, 300, 400
	keyUSB, keyXHCI, keySATA       = 7000, 14000, 15000
	keySCSI, keyNVMe               = 1000, 31000
)

// machineDevices collects the devices of one VM.
type machineDevices struct {
	d        *draft
	list     []types.BaseVirtualDevice
	buses    []bus
	networks []reference
	stores   []reference
	folder   string // path of the VM's folder as [datastore] folder
	usage    map[reference][2]int64
	keyOf    []int32 // key of each disk
}

// bus is a controller with its next free unit.
type bus struct {
	key, number, unit int32
	kind              string
	controller        *types.VirtualController
}

func label(text, summary string) *types.Description {
	return &types.Description{Label: text, Summary: summary}
}

func (m *machineDevices) add(device types.BaseVirtualDevice) { m.list = append(m.list, device) }

// base adds what every VM has.
func (m *machineDevices) base() {
	for i := int32(0); i < 2; i++ {
		ide := &types.VirtualIDEController{}
		ide.Key, ide.BusNumber, ide.DeviceInfo = keyIDE+i, i, label(fmt.Sprintf("IDE %d", i), fmt.Sprintf("IDE %d", i))
		m.add(ide)
	}
	ps2 := &types.VirtualPS2Controller{}
	ps2.Key, ps2.DeviceInfo, ps2.Device = keyPS2, label("PS2 controller 0", "PS2 controller 0"), []int32{600, 700}
	pci := &types.VirtualPCIController{}
	pci.Key, pci.DeviceInfo = keyPCI, label("PCI controller 0", "PCI controller 0")
	sio := &types.VirtualSIOController{}
	sio.Key, sio.DeviceInfo = keySIO, label("SIO controller 0", "SIO controller 0")
	keyboard := &types.VirtualKeyboard{}
	keyboard.Key, keyboard.ControllerKey, keyboard.DeviceInfo = 600, keyPS2, label("Keyboard", "Keyboard")
	pointer := &types.VirtualPointingDevice{}
	pointer.Key, pointer.ControllerKey, pointer.DeviceInfo = 700, keyPS2, label("Pointing device", "Pointing device; Device")
	video := &types.VirtualMachineVideoCard{VideoRamSizeInKB: 8192, NumDisplays: 1, UseAutoDetect: ptr(false), Enable3DSupport: ptr(false)}
	video.Key, video.ControllerKey, video.DeviceInfo = 500, keyPCI, label("Video card ", "Video card")
	vmci := &types.VirtualMachineVMCIDevice{Id: int64(m.d.number) - 1<<20, AllowUnrestrictedCommunication: ptr(false), FilterEnable: ptr(true)}
	vmci.Key, vmci.ControllerKey = 12000, keyPCI
	vmci.DeviceInfo = label("VMCI device", "Device on the virtual machine PCI bus that provides support for the virtual machine communication interface")
	for _, device := range []types.BaseVirtualDevice{ps2, pci, sio, keyboard, pointer, video, vmci} {
		m.add(device)
	}
}

// storageControllers adds the controllers for disks.
func (m *machineDevices) storageControllers() {
	count := map[string]int32{}
	for _, plan := range m.d.controllers {
		sharing := types.VirtualSCSISharingNoSharing
		if plan.sharing != "" {
			sharing = types.VirtualSCSISharing(plan.sharing)
		}
		family := plan.kind
		switch plan.kind {
		case "pvscsi", "lsisas", "lsilogic", "buslogic":
			family = "scsi"
		}
		number := count[family]
		count[family]++
		b := bus{kind: family, number: number}
		switch family {
		case "scsi":
			b.key = keySCSI + number
			base := types.VirtualSCSIController{HotAddRemove: ptr(true), SharedBus: sharing, ScsiCtlrUnitNumber: 7}
			base.Key, base.BusNumber, base.ControllerKey, base.UnitNumber = b.key, number, keyPCI, ptr(3+number)
			var text, summary string
			var device types.BaseVirtualDevice
			switch plan.kind {
			case "pvscsi":
				c := &types.ParaVirtualSCSIController{VirtualSCSIController: base}
				text, summary, device, b.controller = "SCSI controller %d", "VMware paravirtual SCSI", c, &c.VirtualController
			case "lsisas":
				c := &types.VirtualLsiLogicSASController{VirtualSCSIController: base}
				text, summary, device, b.controller = "SCSI controller %d", "LSI Logic SAS", c, &c.VirtualController
			case "lsilogic":
				c := &types.VirtualLsiLogicController{VirtualSCSIController: base}
				text, summary, device, b.controller = "SCSI controller %d", "LSI Logic", c, &c.VirtualController
			default:
				c := &types.VirtualBusLogicController{VirtualSCSIController: base}
				text, summary, device, b.controller = "SCSI controller %d", "BusLogic", c, &c.VirtualController
			}
			b.controller.DeviceInfo = label(fmt.Sprintf(text, number), summary)
			m.add(device)
		case "ahci":
			c := &types.VirtualAHCIController{}
			c.Key, c.BusNumber, c.ControllerKey = keySATA+number, number, keyPCI
			c.DeviceInfo = label(fmt.Sprintf("SATA controller %d", number), "AHCI")
			b.key, b.controller = c.Key, &c.VirtualController
			m.add(c)
		case "nvme":
			c := &types.VirtualNVMEController{SharedBus: string(sharing)}
			c.Key, c.BusNumber, c.ControllerKey = keyNVMe+number, number, keyPCI
			c.DeviceInfo = label(fmt.Sprintf("NVME controller %d", number), "NVME Controller")
			b.key, b.controller = c.Key, &c.VirtualController
			m.add(c)
		case "ide":
			b.key = keyIDE + number
			for _, device := range m.list {
				if ide, ok := device.(*types.VirtualIDEController); ok && ide.Key == b.key {
					b.controller = &ide.VirtualController
				}
			}
		}
		m.buses = append(m.buses, b)
	}
}

func (b *bus) next() int32 {
	if b.kind == "scsi" && b.unit == 7 {
		b.unit++ // the controller itself
	}
	unit := b.unit
	b.unit++
	return unit
}

// diskKey is the key of a disk on a unit of a bus.
func (b *bus) diskKey(unit int32) int32 {
	switch b.kind {
	case "scsi":
		if unit >= 16 {
			return 131072 + 64*b.number + unit
		}
		return 2000 + 16*b.number + unit
	case "ahci":
		return 16000 + 30*b.number + unit
	case "nvme":
		return 32000 + 64*b.number + unit
	default:
		return 3000 + 2*b.number + unit
	}
}

// storageDisks adds the disks with their files.
func (m *machineDevices) storageDisks(layout *fileLayout) {
	for i := range m.d.disks {
		plan := &m.d.disks[i]
		b := &m.buses[plan.controller]
		unit := b.next()
		disk := &types.VirtualDisk{CapacityInKB: plan.bytes / 1024, CapacityInBytes: plan.bytes, Iofilter: plan.filters}
		disk.Key, disk.ControllerKey, disk.UnitNumber = b.diskKey(unit), b.key, ptr(unit)
		disk.DeviceInfo = label(fmt.Sprintf("Hard disk %d", i+1), grouped(plan.bytes/1024)+" KB")
		disk.Shares = &types.SharesInfo{Shares: 1000, Level: types.SharesLevelNormal}
		disk.StorageIOAllocation = &types.StorageIOAllocationInfo{Limit: ptr(int64(-1)), Shares: disk.Shares, Reservation: ptr(int32(0))}
		disk.DiskObjectId = fmt.Sprintf("%d-%d", m.d.number+1, disk.Key)
		disk.NativeUnmanagedLinkedClone = ptr(false)
		b.controller.Device = append(b.controller.Device, disk.Key)
		m.keyOf = append(m.keyOf, disk.Key)
		disk.Backing = m.diskBacking(i, plan, layout, disk)
		m.add(disk)
	}
}

func (m *machineDevices) diskBacking(
	place int, plan *diskDraft, layout *fileLayout, disk *types.VirtualDisk,
) types.BaseVirtualDeviceBackingInfo {
	d := m.d
	if plan.owner != nil {
		d, place = plan.owner, plan.ownerPlace
	}
	file := d.fileName()
	if place > 0 {
		file += fmt.Sprintf("_%d", place)
	}
	file += ".vmdk"
	mode := plan.mode
	if mode == "" {
		mode = "persistent"
	}
	sharing := "sharingNone"
	if plan.multiWriter {
		sharing = "sharingMultiWriter"
	}
	uuid := strings.ToUpper(d.w.uuid("disk", d.number, place))
	info := types.VirtualDeviceFileBackingInfo{}
	if !plan.nowhere {
		info.FileName = fmt.Sprintf("[%s] %s/%s", plan.store.Name, d.directory(), file)
		info.Datastore = ptr(plan.store.Self)
		info.BackingObjectId = ""
	}
	if plan.rdm != "" {
		backing := &types.VirtualDiskRawDiskMappingVer1BackingInfo{
			VirtualDeviceFileBackingInfo: info, LunUuid: "02000000" + strings.ReplaceAll(strings.ToLower(uuid), "-", ""), DeviceName: "vml." + strings.ToLower(uuid),
			CompatibilityMode: plan.rdm, DiskMode: mode, Uuid: uuid, Sharing: sharing,
		}
		if plan.rdm == "physicalMode" {
			backing.DiskMode = "independent_persistent"
		}
		layout.disk(m, disk, plan, info.FileName, 0)
		return backing
	}
	used := plan.bytes
	if plan.provision == "thin" {
		part := 0.25 + 0.5*m.d.random.Float64()
		used = int64(float64(plan.bytes)*part) / miB * miB
	}
	backing := &types.VirtualDiskFlatVer2BackingInfo{
		VirtualDeviceFileBackingInfo: info, DiskMode: mode, Split: ptr(false), WriteThrough: ptr(false),
		ThinProvisioned: ptr(plan.provision == "thin"), Uuid: uuid, ContentId: strings.ReplaceAll(d.w.uuid("content", d.number, place), "-", ""),
		DigestEnabled: ptr(false), Sharing: sharing,
	}
	if plan.provision != "thin" {
		backing.EagerlyScrub = ptr(plan.provision == "eager")
	}
	if plan.encrypted {
		backing.KeyId = &types.CryptoKeyId{KeyId: m.d.w.uuid("key", m.d.number, place), ProviderId: &types.KeyProviderId{Id: "kms-haupt"}}
	}
	if m.d.changeTracking && !plan.untracked && !strings.HasPrefix(mode, "independent") {
		backing.ChangeId = fmt.Sprintf("52 %x/%d", m.d.number, 1+m.d.random.Intn(90))
	}
	layout.disk(m, disk, plan, info.FileName, used)
	if strings.HasPrefix(mode, "independent") {
		return backing
	}
	return m.deltas(backing, layout, disk, plan)
}

// deltas puts one delta file on top of the disk for each snapshot that leads to the current state.
func (m *machineDevices) deltas(
	base *types.VirtualDiskFlatVer2BackingInfo, layout *fileLayout, disk *types.VirtualDisk, plan *diskDraft,
) *types.VirtualDiskFlatVer2BackingInfo {
	top := base
	for depth := range m.d.lineage() {
		child := *base
		stem := strings.TrimSuffix(base.FileName, ".vmdk")
		child.FileName = fmt.Sprintf("%s-%06d.vmdk", stem, depth+1)
		child.ThinProvisioned = ptr(true)
		child.EagerlyScrub = nil
		child.Parent = top
		child.DeltaDiskFormat = "seSparseFormat"
		child.Uuid = base.Uuid
		layout.delta(m, disk, plan, child.FileName)
		top = &child
	}
	return top
}

func (m *machineDevices) useStore(store reference, committed, uncommitted int64) {
	usage, known := m.usage[store]
	if !known {
		m.stores = append(m.stores, store)
	}
	m.usage[store] = [2]int64{usage[0] + committed, usage[1] + uncommitted}
}

// drives adds CD and floppy drives.
func (m *machineDevices) drives() {
	d := m.d
	if !d.noDrive {
		cd := &types.VirtualCdrom{}
		cd.Key, cd.ControllerKey, cd.UnitNumber = 3002, keyIDE+1, ptr(int32(0))
		cd.DeviceInfo = label("CD/DVD drive 1", "Remote ATAPI")
		cd.Connectable = &types.VirtualDeviceConnectInfo{AllowGuestControl: true, Status: "untried"}
		cd.Backing = &types.VirtualCdromRemotePassthroughBackingInfo{
			VirtualDeviceRemoteDeviceBackingInfo: types.VirtualDeviceRemoteDeviceBackingInfo{UseAutoDetect: ptr(false)},
		}
		if d.iso != "" {
			backing := &types.VirtualCdromIsoBackingInfo{}
			backing.FileName = d.iso
			name, _, _ := strings.Cut(strings.TrimPrefix(d.iso, "["), "]")
			for _, store := range d.site.stores {
				if store.Name == name {
					backing.Datastore = ptr(store.Self)
				}
			}
			cd.Backing = backing
			cd.DeviceInfo = label("CD/DVD drive 1", "ISO "+d.iso)
			cd.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true, Connected: d.running(), Status: "ok"}
		}
		m.add(cd)
	}
	if d.floppy {
		floppy := &types.VirtualFloppy{}
		floppy.Key, floppy.ControllerKey, floppy.UnitNumber = 8000, keySIO, ptr(int32(0))
		floppy.DeviceInfo = label("Floppy drive 1", "Host device")
		floppy.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: false, AllowGuestControl: true, Status: "untried"}
		floppy.Backing = &types.VirtualFloppyDeviceBackingInfo{
			VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "/dev/fd0", UseAutoDetect: ptr(false)},
		}
		m.add(floppy)
	}
}

// adapters adds the network adapters.
func (m *machineDevices) adapters() {
	d := m.d
	for i := range d.nics {
		plan := &d.nics[i]
		card := types.VirtualEthernetCard{AddressType: plan.macType, MacAddress: d.mac(i), WakeOnLanEnabled: ptr(true), UptCompatibilityEnabled: ptr(false)}
		card.Key, card.ControllerKey, card.UnitNumber = int32(4000+i), keyPCI, ptr(int32(7+i))
		card.Connectable = &types.VirtualDeviceConnectInfo{
			StartConnected: !plan.startOff, AllowGuestControl: true, Connected: d.running() && !plan.disconnected, Status: "ok",
			MigrateConnect: "unset",
		}
		summary := plan.network
		if group, ok := d.site.portgroup[plan.network]; ok {
			card.Backing = &types.VirtualEthernetCardDistributedVirtualPortBackingInfo{Port: types.DistributedVirtualSwitchPortConnection{
				SwitchUuid: d.site.dvs.Uuid, PortgroupKey: group.Key, PortKey: fmt.Sprint(d.number*4 + i), ConnectionCookie: int32(d.number),
			}}
			summary = "DVSwitch: " + d.site.dvs.Uuid
			m.connect(group.Self)
		} else if segment, ok := d.w.registry.Get(d.site.networks[plan.network]).(*mo.OpaqueNetwork); ok {
			opaque := segment.Summary.(*types.OpaqueNetworkSummary)
			card.Backing = &types.VirtualEthernetCardOpaqueNetworkBackingInfo{
				OpaqueNetworkId: opaque.OpaqueNetworkId, OpaqueNetworkType: opaque.OpaqueNetworkType,
			}
			summary = opaque.OpaqueNetworkType + ": " + opaque.OpaqueNetworkId
			m.connect(segment.Self)
		} else {
			backing := &types.VirtualEthernetCardNetworkBackingInfo{}
			backing.DeviceName = plan.network
			backing.UseAutoDetect = ptr(false)
			if network, known := d.site.networks[plan.network]; known {
				backing.Network = ptr(network)
				m.connect(network)
			}
			card.Backing = backing
		}
		card.DeviceInfo = label(fmt.Sprintf("Network adapter %d", i+1), summary)
		m.add(newAdapter(plan.kind, card))
	}
}

func newAdapter(kind string, card types.VirtualEthernetCard) types.BaseVirtualDevice {
	switch kind {
	case "e1000":
		return &types.VirtualE1000{VirtualEthernetCard: card}
	case "e1000e":
		return &types.VirtualE1000e{VirtualEthernetCard: card}
	case "pcnet32":
		return &types.VirtualPCNet32{VirtualEthernetCard: card}
	case "vmxnet":
		return &types.VirtualVmxnet{VirtualEthernetCard: card}
	case "vmxnet2":
		return &types.VirtualVmxnet2{VirtualVmxnet: types.VirtualVmxnet{VirtualEthernetCard: card}}
	case "pvrdma":
		return &types.VirtualVmxnet3Vrdma{
			VirtualVmxnet3: types.VirtualVmxnet3{VirtualVmxnet: types.VirtualVmxnet{VirtualEthernetCard: card}}, DeviceProtocol: "rocev2",
		}
	case "sriov":
		return &types.VirtualSriovEthernetCard{VirtualEthernetCard: card, AllowGuestOSMtuChange: ptr(false),
			SriovBacking: &types.VirtualSriovEthernetCardSriovBackingInfo{
				PhysicalFunctionBacking: passthroughBacking("0000:5e:00.0"), VirtualFunctionIndex: 3,
			}}
	default:
		return &types.VirtualVmxnet3{VirtualVmxnet: types.VirtualVmxnet{VirtualEthernetCard: card}, Uptv2Enabled: ptr(false)}
	}
}

func passthroughBacking(id string) *types.VirtualPCIPassthroughDeviceBackingInfo {
	backing := &types.VirtualPCIPassthroughDeviceBackingInfo{Id: id, DeviceId: "1572", SystemId: "BYPASS", VendorId: -32634}
	backing.DeviceName = "Ethernet Controller X710"
	return backing
}

func (m *machineDevices) connect(network reference) {
	if simulator.FindReference(m.networks, network) == nil {
		m.networks = append(m.networks, network)
	}
}

// special adds USB, passthrough, serial and other devices.
func (m *machineDevices) special() {
	d := m.d
	for i, kind := range d.usb {
		switch kind {
		case "usb":
			c := &types.VirtualUSBController{AutoConnectDevices: ptr(false), EhciEnabled: ptr(true)}
			c.Key, c.ControllerKey, c.DeviceInfo = keyUSB, keyPCI, label("USB controller", "Auto connect Disabled")
			m.add(c)
		case "xhci":
			c := &types.VirtualUSBXHCIController{AutoConnectDevices: ptr(false)}
			c.Key, c.ControllerKey, c.DeviceInfo = keyXHCI, keyPCI, label("USB xHCI controller ", "USB xHCI controller")
			m.add(c)
		default:
			device := &types.VirtualUSB{Connected: d.running(), Vendor: 0x0529, Product: 0x0001, Family: []string{"hid"}, Speed: []string{"full"}}
			device.Key, device.ControllerKey, device.UnitNumber = int32(10000+i), keyXHCI, ptr(int32(i))
			device.DeviceInfo = label(fmt.Sprintf("USB %d", i), "Aladdin HASP dongle")
			backing := &types.VirtualUSBUSBBackingInfo{}
			backing.DeviceName = "path:1/0/3 version:2"
			device.Backing = backing
			m.add(device)
		}
	}
	for i, plan := range d.devices {
		device := specialDevice(plan, int32(i))
		if device == nil {
			panic("no device " + plan.kind)
		}
		base := device.GetVirtualDevice()
		if base.Connectable != nil {
			base.Connectable.Connected = d.running() && !plan.disconnected
		}
		m.add(device)
	}
	if d.tpm {
		// The encoder writes these bytes as they are, so that they have to be base64 already.
		tpm := &types.VirtualTPM{
			EndorsementKeyCertificateSigningRequest: [][]byte{[]byte("cmVxdWVzdA==")}, EndorsementKeyCertificate: [][]byte{[]byte("Y2VydGlmaWNhdGU=")},
		}
		tpm.Key, tpm.ControllerKey, tpm.DeviceInfo = 11000, keyPCI, label("Virtual TPM", "Virtual TPM")
		m.add(tpm)
	}
}

func specialDevice(plan deviceDraft, number int32) types.BaseVirtualDevice {
	connectable := &types.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true, Status: "ok"}
	switch plan.kind {
	case "pci":
		device := &types.VirtualPCIPassthrough{}
		device.Key, device.ControllerKey, device.DeviceInfo = 13000+number, keyPCI, label(fmt.Sprintf("PCI device %d", number), "")
		device.Backing = passthroughBacking(plan.backing)
		return device
	case "vgpu":
		device := &types.VirtualPCIPassthrough{}
		device.Key, device.ControllerKey = 13000+number, keyPCI
		device.DeviceInfo = label(fmt.Sprintf("PCI device %d", number), "NVIDIA GRID vGPU "+plan.backing)
		device.Backing = &types.VirtualPCIPassthroughVmiopBackingInfo{Vgpu: plan.backing, MigrateSupported: ptr(true)}
		return device
	case "scsi":
		device := &types.VirtualSCSIPassthrough{}
		device.Key, device.ControllerKey, device.UnitNumber = 2015, keySCSI, ptr(int32(15))
		device.DeviceInfo = label("SCSI device 1", plan.backing)
		backing := &types.VirtualSCSIPassthroughDeviceBackingInfo{}
		backing.DeviceName = plan.backing
		device.Backing, device.Connectable = backing, connectable
		return device
	case "serial":
		device := &types.VirtualSerialPort{YieldOnPoll: true}
		device.Key, device.ControllerKey, device.UnitNumber = 9000+number, keySIO, ptr(number)
		device.DeviceInfo = label(fmt.Sprintf("Serial port %d", number+1), "Remote "+plan.backing)
		backing := &types.VirtualSerialPortURIBackingInfo{}
		backing.ServiceURI, backing.Direction = plan.backing, "server"
		device.Backing, device.Connectable = backing, connectable
		return device
	case "parallel":
		device := &types.VirtualParallelPort{}
		device.Key, device.ControllerKey, device.UnitNumber = 10100+number, keySIO, ptr(number)
		device.DeviceInfo = label("Parallel port 1", plan.backing)
		backing := &types.VirtualParallelPortDeviceBackingInfo{}
		backing.DeviceName = plan.backing
		device.Backing, device.Connectable = backing, connectable
		return device
	case "sound":
		device := &types.VirtualHdAudioCard{}
		device.Key, device.ControllerKey, device.DeviceInfo = 5000, keyPCI, label("Sound card 1", "Auto detect")
		backing := &types.VirtualSoundCardDeviceBackingInfo{}
		backing.UseAutoDetect = ptr(true)
		device.Backing, device.Connectable = backing, connectable
		return device
	case "clock":
		device := &types.VirtualPrecisionClock{}
		device.Key, device.ControllerKey, device.DeviceInfo = 19000, keyPCI, label("Precision clock", "Host system clock")
		device.Backing = &types.VirtualPrecisionClockSystemClockBackingInfo{Protocol: "ntp"}
		return device
	case "watchdog":
		device := &types.VirtualWDT{RunOnBoot: true, Running: true}
		device.Key, device.ControllerKey, device.DeviceInfo = 18000, keyPCI, label("Watchdog timer", "Watchdog timer")
		return device
	}
	return nil
}

// mac is the address of an adapter: the range follows from how it came about.
func (d *draft) mac(nic int) string {
	n := d.number*16 + nic + int(d.w.seed)<<18
	switch d.nics[nic].macType {
	case "generated":
		return fmt.Sprintf("00:0c:29:%02x:%02x:%02x", n>>16&0xff, n>>8&0xff, n&0xff)
	case "manual":
		return fmt.Sprintf("00:50:56:%02x:%02x:%02x", n>>16&0x3f, n>>8&0xff, n&0xff)
	default:
		return fmt.Sprintf("00:50:56:%02x:%02x:%02x", 0x80|n>>16&0x3f, n>>8&0xff, n&0xff)
	}
}

func (d *draft) running() bool { return d.power == types.VirtualMachinePowerStatePoweredOn }

// directory is the VM's folder on its datastore: vSphere takes the VM's first name, without what a file system dislikes.
func (d *draft) directory() string { return plain(d.name) }

func (d *draft) fileName() string { return d.directory() }
